"""Synthetic telephone speech whose truth is known: espeak-ng's Mandarin, spoken from written text, over a bad line.

Shared by `training.make_fixtures`, which performs scenes, and `training.asr_demo`, which trains the demo recogniser.
"""

from training.voice.espeak import RATE_HZ, Piece, Sound, Speech, Voice, require_espeak, speak
from training.voice.variants import VARIANTS_SEEN, VARIANTS_UNSEEN

__all__ = [
    "RATE_HZ",
    "VARIANTS_SEEN",
    "VARIANTS_UNSEEN",
    "Piece",
    "Sound",
    "Speech",
    "Voice",
    "require_espeak",
    "speak",
]
