"""Does a model work on this machine, and as what."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from pipeline.domain.errors import ModelError
from pipeline.transcribe.engine import SAMPLE_RATE_HZ
from pipeline.transcribe.recogniser.options import EngineOptions
from pipeline.transcribe.recogniser.whisper import load_engine
from pipeline.transcribe.recogniser.windows import Window

_LANGUAGE = re.compile(r"<\|([a-z]{2,3})\|>")  # Whisper's other marks are longer


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelReport:
    """A model that was loaded and has recognised something.

    `device`, `compute_type`: what CTranslate2 really uses. `languages`: Whisper's codes. `window_s`, `pad_s`: as in
    `EngineOptions`, with what the model asks for. `hotwords`: the terms given that it is led by.
    `peak_memory_mb`: of this process so far, in millions of bytes, without the memory of a graphics card; None where
    the system does not tell.
    """

    folder: Path
    device: str
    compute_type: str
    languages: tuple[str, ...]
    window_s: int
    pad_s: int
    batch_size: int
    beam_size: int
    hotwords: tuple[str, ...]
    peak_memory_mb: int | None


def probe_model(options: EngineOptions) -> ModelReport:
    """Loads a model as a run would and has it recognise a second of silence.

    The silence is handed to the recogniser itself, past the search for speech, so that all of it computes.

    Raises:
        ModelError: as `load_engine`, and when the recogniser breaks down.
    """
    import numpy as np

    engine = load_engine(options)
    silence = np.zeros(SAMPLE_RATE_HZ, np.float32)
    (heard,) = engine.recognise([Window(silence, 0, ())])
    if isinstance(heard, ModelError):
        raise heard
    loaded = engine.model.model
    marks = (_LANGUAGE.fullmatch(token) for token in engine.model.hf_tokenizer.get_vocab())
    languages = tuple(sorted(mark[1] for mark in marks if mark)) if loaded.is_multilingual else ("en",)
    assert engine.options.window_s is not None
    assert engine.options.pad_s is not None
    return ModelReport(
        folder=engine.folder,
        device=loaded.device,
        compute_type=loaded.compute_type,
        languages=languages,
        window_s=engine.options.window_s,
        pad_s=engine.options.pad_s,
        batch_size=engine.options.batch_size,
        beam_size=engine.options.beam_size,
        hotwords=engine.hotwords,
        peak_memory_mb=_peak_memory_mb(),
    )


def _peak_memory_mb() -> int | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 10**6)
