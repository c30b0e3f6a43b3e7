"""Recordings to transcripts: decode, find speech, recognise, set apart what was invented, make turns.

`transcribe_calls` does it for many calls with an `Engine`, `transcribe_call` for one; `load_engine` loads Whisper, with
the options of a profile or your own.
"""

from pipeline.transcribe.cache import TranscriptCache
from pipeline.transcribe.call import transcribe_call, transcribe_calls
from pipeline.transcribe.engine import Engine, HeardWord, Segment, Separator
from pipeline.transcribe.guard.guard import Guard
from pipeline.transcribe.recogniser.options import EngineOptions
from pipeline.transcribe.recogniser.profiles import engine_options
from pipeline.transcribe.recogniser.whisper import load_engine
from pipeline.transcribe.voices.diarizer import load_diarizer

__all__ = [
    "Engine",
    "EngineOptions",
    "Guard",
    "HeardWord",
    "Segment",
    "Separator",
    "TranscriptCache",
    "engine_options",
    "load_diarizer",
    "load_engine",
    "transcribe_call",
    "transcribe_calls",
]
