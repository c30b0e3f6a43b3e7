"""Trains the embedded speech model `models/asr-demo-zh` from synthetic telephone speech: `make train-asr-demo`.

text (`lines/`, `corpora`) → speech over a telephone line (`windows`, kept in `shards`) → joint CTC and attention
training (`model`, `train`) → CTranslate2 int8 in the layout that faster-whisper loads (`export`).
"""
