"""Text as it is matched: one normal form, its sound, and the way back to what was written."""

from pipeline.text.normal import NormalText, normalise
from pipeline.text.pinyin import encode, syllables
from pipeline.text.segment import words

__all__ = ["NormalText", "encode", "normalise", "syllables", "words"]
