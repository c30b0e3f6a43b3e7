"""Whisper through faster-whisper, which is imported only when an engine is loaded.

Each channel is cut into stretches of speech by Silero VAD, and only those are recognised: without that Whisper
invents words in silence.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe.engine import SAMPLE_RATE_HZ, HeardWord, Segment
from pipeline.transcribe.hotwords import as_hint, fitting
from pipeline.transcribe.model_files import model_digest, model_folder
from pipeline.transcribe.model_settings import read_settings
from pipeline.transcribe.options import MAX_WINDOW_S, EngineOptions, check_ranges

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

_MIN_SILENCE_MS = 300  # sentence-like windows: the demo model loses sentences in longer ones
_SPEECH_PAD_MS = 150
_MAX_THREADS = 8  # a larger machine has other work to do beside one recogniser
_MS = SAMPLE_RATE_HZ // 1000


def load_engine(options: EngineOptions) -> Whisper:
    """Load a model. The network is used only for a model that is in no folder and not in the hub's cache.

    Raises:
        ModelError: MODEL_UNAVAILABLE, MODEL_INVALID or SETTING_INVALID.
    """
    check_ranges(options)
    folder = model_folder(options.model)
    settings = read_settings(folder)
    window_s = settings.window_s if options.window_s is None else options.window_s
    pad_s = settings.pad_s if options.pad_s is None else options.pad_s
    options = replace(options, window_s=window_s, pad_s=pad_s)
    from pipeline.transcribe.trimmed import TrimmedWhisper

    try:
        model = TrimmedWhisper(
            str(folder),
            pad_s=pad_s,
            device=options.device,
            compute_type=options.compute_type,
            cpu_threads=max(1, (options.threads or _default_threads()) // options.calls_at_once),
            num_workers=options.calls_at_once,
        )
    except ValueError as error:
        raise _error(
            ProblemCode.SETTING_INVALID,
            f"device={options.device}、compute_type={options.compute_type} 在本机不能用({_first_line(error)})",
            "请改用 device=auto、compute_type=default",
        ) from error
    except Exception as error:  # tokenizers raises bare Exception, CTranslate2 RuntimeError
        if "CUDA" in str(error):
            raise _broken(error) from error
        raise _invalid(folder, f"模型文件损坏或不是 Whisper 模型({_first_line(error)})") from error
    _check_model(model, folder, options.language)
    if model.model.device == "cuda":
        _try_out(model)
    hotwords = _hotwords(model, options, wanted=settings.hotwords)
    return Whisper(model, folder, options, hotwords, _fingerprint(model.model, folder, options, hotwords))


def _check_model(model: Any, folder: Path, language: str) -> None:
    """What CTranslate2 only notices, or never notices, while it recognises."""
    mels = len(model.feature_extractor.mel_filters)
    if mels != model.model.n_mels:
        raise _invalid(folder, f"preprocessor_config.json 的频带数 {mels} 与模型的 {model.model.n_mels} 不一致")
    known = model.hf_tokenizer.token_to_id(f"<|{language}|>") is not None and model.model.is_multilingual
    if not known and (language != "en" or model.model.is_multilingual):
        remedy = "请换用多语言的 Whisper 模型(名字不带 .en),或检查语言代码(普通话是 zh)"
        raise _error(ProblemCode.MODEL_INVALID, f"模型不认识语言“{language}”", remedy, file=str(folder))


def _try_out(model: Any) -> None:
    """Missing CUDA libraries show only when something is computed: better now than on every call."""
    import numpy as np

    try:
        model.encode(np.zeros((model.model.n_mels, 3000), np.float32))
    except RuntimeError as error:
        raise _broken(error) from error


def _hotwords(model: Any, options: EngineOptions, *, wanted: bool) -> tuple[str, ...]:
    """The terms that the model is led by.

    They and the prompt take less than half of what the decoder holds: the rest is for what it writes, and
    faster-whisper would cut a longer hint in the middle of a term.
    """
    if not wanted:
        if options.glossary:
            log.warning("模型 %s 不接受提示词,词表没有采用", options.model)
        return ()

    def tokens(text: str) -> int:
        return len(model.hf_tokenizer.encode(text, add_special_tokens=False).ids)

    room = model.max_length // 2 - 1 - (tokens(options.prompt) if options.prompt else 0)
    terms = tuple(dict.fromkeys((*options.glossary, *options.hotwords)))
    kept = fitting(terms, tokens, room=room)
    if left_out := [term for term in dict.fromkeys(options.glossary) if term not in kept]:
        log.warning("词表里有 %d 个词模型放不下,没有采用:%s", len(left_out), "、".join(left_out))
    log.info("提示模型注意 %d 个词,另有 %d 个放不下", len(kept), len(terms) - len(kept))
    return kept


def _default_threads() -> int:
    if os.environ.get("OMP_NUM_THREADS", "").isdigit():
        return int(os.environ["OMP_NUM_THREADS"])
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MAX_THREADS)


def _fingerprint(loaded: Any, folder: Path, options: EngineOptions, hotwords: tuple[str, ...]) -> str:
    def short(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()[:8] if text else "none"

    return (
        f"{Path(options.model).name}@{model_digest(folder)[:16]} faster-whisper={version('faster-whisper')} "
        f"ctranslate2={version('ctranslate2')} {loaded.device}/{loaded.compute_type} language={options.language} "
        f"beam={options.beam_size} batch={options.batch_size} window={options.window_s} pad={options.pad_s} "
        f"prompt={short(options.prompt)} hotwords={short(as_hint(hotwords))}"
    )


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open, in samples."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Whisper:
    """A loaded model; may be used from several threads at once.

    `model` is faster-whisper's. `options` are those it works with: what the caller left open is as the model asks.
    `hotwords` are the terms that it is led by.
    """

    model: Any
    folder: Path
    options: EngineOptions
    hotwords: tuple[str, ...]
    fingerprint: str

    def transcribe(self, channels: Sequence[NDArray[np.float32]], /) -> list[list[Segment]]:
        """See `Engine`."""
        return [list(self._segments(channel)) for channel in channels]

    def _segments(self, audio: NDArray[np.float32]) -> Iterator[Segment]:
        speech = _speech(audio)
        windows = _windows(speech, (self.options.window_s or 0) * SAMPLE_RATE_HZ)
        size = self.options.batch_size
        for first in range(0, len(windows), size):
            # One batch per call, because faster-whisper keeps the features of all windows of a call in memory.
            yield from self.recognise(audio, windows[first : first + size], speech)

    def recognise(self, audio: NDArray[np.float32], windows: list[Span], speech: list[Span]) -> list[Segment]:
        """What is heard in each window of a channel; words outside `speech` are marked as such.

        Raises:
            ModelError: the recogniser broke down.
        """
        from faster_whisper import BatchedInferencePipeline

        options = self.options
        try:
            # A new pipeline, because it keeps state between calls.
            heard, _ = BatchedInferencePipeline(self.model).transcribe(
                audio,
                language=options.language,
                beam_size=options.beam_size,
                batch_size=options.batch_size,
                initial_prompt=options.prompt or None,
                hotwords=as_hint(self.hotwords) or None,
                clip_timestamps=[{"start": w.start / SAMPLE_RATE_HZ, "end": w.end / SAMPLE_RATE_HZ} for w in windows],
                word_timestamps=True,
                without_timestamps=True,
            )
            by_window = groupby(heard, key=lambda part: part.seek)
            return [
                _segment(window, list(parts), speech) for window, (_, parts) in zip(windows, by_window, strict=True)
            ]
        except RuntimeError as error:
            raise _broken(error) from error


def _speech(audio: NDArray[np.float32]) -> list[Span]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_silence_duration_ms=_MIN_SILENCE_MS,
        speech_pad_ms=_SPEECH_PAD_MS,
        max_speech_duration_s=MAX_WINDOW_S,
    )
    return [Span(stretch["start"], stretch["end"]) for stretch in get_speech_timestamps(audio, options)]


def speech_spans_ms(audio: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Where somebody speaks in a channel (16 kHz), as the recogniser is shown it: half-open, in ms."""
    return [(stretch.start // _MS, stretch.end // _MS) for stretch in _speech(audio)]


def _windows(speech: list[Span], longest: int) -> list[Span]:
    """Neighbours joined, silence between them included, while the whole stays within `longest` samples."""
    windows: list[Span] = []
    for stretch in speech:
        if windows and stretch.end - windows[-1].start <= longest:
            windows[-1] = Span(windows[-1].start, stretch.end)
        else:
            windows.append(stretch)
    return windows


def _segment(window: Span, parts: list[Any], speech: list[Span]) -> Segment:
    """Whisper's words with their times brought inside the window and into order.

    Alignment may place a word in the silence that fills up the window, or a hair before its neighbour's end.
    """
    start_ms, end_ms = window.start // _MS, window.end // _MS
    voiced = [stretch for stretch in speech if window.start <= stretch.start and stretch.end <= window.end]
    words: list[HeardWord] = []
    latest_ms = start_ms
    for word in (word for part in parts for word in part.words):
        from_ms, to_ms = round(word.start * 1000), round(word.end * 1000)
        in_speech = any(from_ms * _MS < v.end and max(to_ms, from_ms + 1) * _MS > v.start for v in voiced)
        from_ms = min(max(from_ms, latest_ms), end_ms)
        latest_ms = min(max(to_ms, from_ms), end_ms)
        words.append(HeardWord(word.word, from_ms, latest_ms, round(float(word.probability), 4), in_speech))
    return Segment(
        start_ms=start_ms,
        end_ms=end_ms,
        words=tuple(words),
        mean_log_probability=float(parts[0].avg_logprob),
        no_speech_probability=float(parts[0].no_speech_prob),
        compression_ratio=max(float(part.compression_ratio) for part in parts),
    )


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _broken(error: Exception) -> ModelError:
    remedy = "显存不足时请减小 batch_size;缺少 CUDA 库或显卡驱动太旧时请安装,或改用 device=cpu"
    return _error(ProblemCode.MODEL_UNAVAILABLE, f"模型运行失败({_first_line(error)})", remedy)


def _invalid(folder: Path, what: str) -> ModelError:
    return _error(ProblemCode.MODEL_INVALID, what, "请重新下载或复制整个模型文件夹", file=str(folder))


def _error(code: ProblemCode, what: str, remedy: str, *, file: str | None = None) -> ModelError:
    return ModelError(Problem(code=code, what=what, remedy=remedy, file=file))
