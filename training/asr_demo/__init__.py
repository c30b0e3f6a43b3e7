"""Trains a successor of the embedded speech model from synthetic telephone speech: `make train-asr-demo`.

It is written beside the training data, not over `models/asr-demo-zh`, until it is measured to be the better one.

text (`lines/`, `corpora`) → speech over a telephone line (`windows`, kept in `shards`) → joint CTC and attention
training (`model`, `train`) → CTranslate2 int8 in the layout that faster-whisper loads (`export`).
"""
