"""Recordings to transcripts: decode, find speech, recognise, set apart what was invented, make turns.

`transcribe_call` does it for one call with an `Engine`; `load_engine` loads Whisper, with the options of a profile or
your own.
"""

from pipeline.transcribe.cache import TranscriptCache
from pipeline.transcribe.call import transcribe_call
from pipeline.transcribe.engine import Engine, HeardWord, Segment
from pipeline.transcribe.guard import Guard
from pipeline.transcribe.options import EngineOptions
from pipeline.transcribe.profiles import engine_options
from pipeline.transcribe.whisper import load_engine

__all__ = [
    "Engine",
    "EngineOptions",
    "Guard",
    "HeardWord",
    "Segment",
    "TranscriptCache",
    "engine_options",
    "load_engine",
    "transcribe_call",
]
