"""Trains the embedded speech model, `models/asr-demo-zh`, from synthetic telephone speech: `make train-asr-demo`.

A new one is written beside the training data, not over the shipped one, until it is measured to be better. Training on
62 hours of speech took 103 minutes on two cores that compute in bfloat16, beside other work; making the speech takes
half a minute of a core for each of the 56 shards. A GPU was not at hand to be measured.

text (`lines/`, `corpora`) → speech over a telephone line (`windows`, kept in `shards`) → training of what is written
and what sounds (`batches`, `sounds`, `model`, `train`) → CTranslate2 int8 in the layout that faster-whisper loads
(`export`).
"""
