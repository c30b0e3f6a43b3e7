"""Whisper through faster-whisper, which is imported only when an engine is loaded.

Each channel is cut into stretches of speech by Silero VAD, and only those are recognised: without that Whisper
invents words in silence.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Engine, HeardWord, Segment
from pipeline.transcribe.model_files import model_digest, model_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DEMO_MODEL = "asr-demo-zh"
"""The name of the model that ships with zhijian."""

_MIN_SILENCE_MS = 300  # sentence-like windows: the demo model loses sentences in longer ones
_SPEECH_PAD_MS = 150
_WHISPER_S = 30  # what Whisper hears at once
_MAX_WINDOW_S = 28
_LEAST_PAD_S = 10
_MAX_THREADS = 8  # a larger machine has other work to do beside one recogniser
_MS = SAMPLE_RATE_HZ // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How to recognise.

    `model`: a folder's path, the name of a folder under `models/`, a Whisper size or a hub id.
    `device`: `auto` (a CUDA card when there is one), `cpu` or `cuda`. `compute_type`: CTranslate2's, such as `int8` or
    `float16`; `default` keeps the model's own. `threads`: 0 takes OMP_NUM_THREADS, or the cores this process may
    use up to eight. `language`: Whisper's code. `beam_size` 1 is greedy. `batch_size`: windows recognised at once.
    `window_s`: neighbouring stretches of speech are recognised together in windows of up to this many seconds (at
    most 28); 0 gives each its own window. None is 0 for the demo model, which needs that, and 28 for every other one:
    each window costs as much as 30 s of audio, so a full-sized Whisper is several times faster with full ones.
    `pad_s`: windows are filled up to no fewer than this many seconds (10 to 30). None is 10 for the demo model, which
    learned from short windows too, and 30 for every other one.
    `calls_at_once`: how many recordings are worked on side by side, each with its share of the threads; while one waits
    for the recogniser the next is decoded. Each holds its own memory.
    `prompt`: text that Whisper takes as said before, to lead it to a script or to product names; empty for none (the
    demo model was not trained for one, and loses words by it).
    """

    model: str = DEMO_MODEL
    device: str = "auto"
    compute_type: str = "default"
    threads: int = 0
    language: str = "zh"
    beam_size: int = 5
    batch_size: int = 16
    window_s: int | None = None
    pad_s: int | None = None
    calls_at_once: int = 2
    prompt: str = ""


def load_engine(options: EngineOptions) -> Engine:
    """Load a model. The network is used only for a model that is in no folder and not in the hub's cache.

    Raises:
        ModelError: MODEL_UNAVAILABLE, MODEL_INVALID or SETTING_INVALID.
    """
    _check(options)
    folder = model_folder(options.model)
    options = _for_model(options, demo=folder.name == DEMO_MODEL)
    from pipeline.transcribe.trimmed import TrimmedWhisper

    try:
        model = TrimmedWhisper(
            str(folder),
            pad_s=options.pad_s or _WHISPER_S,
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
    return _Whisper(model, options, _fingerprint(model.model, folder, options))


def _for_model(options: EngineOptions, *, demo: bool) -> EngineOptions:
    window_s, pad_s = (0, _LEAST_PAD_S) if demo else (_MAX_WINDOW_S, _WHISPER_S)
    return replace(
        options,
        window_s=window_s if options.window_s is None else options.window_s,
        pad_s=pad_s if options.pad_s is None else options.pad_s,
    )


def _check(options: EngineOptions) -> None:
    lowest = {"threads": 0, "beam_size": 1, "batch_size": 1, "calls_at_once": 1}
    wrong = [f"{name}={getattr(options, name)}" for name, least in lowest.items() if getattr(options, name) < least]
    if not 0 <= (options.window_s or 0) <= _MAX_WINDOW_S:
        wrong.append(f"window_s={options.window_s}")
    if options.pad_s is not None and not _LEAST_PAD_S <= options.pad_s <= _WHISPER_S:
        wrong.append(f"pad_s={options.pad_s}")
    if wrong:
        remedy = (
            "threads 最小 0,beam_size、batch_size、calls_at_once 最小 1,"
            f"window_s 从 0 到 {_MAX_WINDOW_S},pad_s 从 {_LEAST_PAD_S} 到 {_WHISPER_S}"
        )
        raise _error(ProblemCode.SETTING_INVALID, f"识别设置超出范围:{'、'.join(wrong)}", remedy)


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


def _default_threads() -> int:
    if os.environ.get("OMP_NUM_THREADS", "").isdigit():
        return int(os.environ["OMP_NUM_THREADS"])
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, _MAX_THREADS)


def _fingerprint(loaded: Any, folder: Path, options: EngineOptions) -> str:
    prompt = hashlib.sha256(options.prompt.encode()).hexdigest()[:8] if options.prompt else "none"
    return (
        f"{Path(options.model).name}@{model_digest(folder)[:16]} faster-whisper={version('faster-whisper')} "
        f"ctranslate2={version('ctranslate2')} {loaded.device}/{loaded.compute_type} language={options.language} "
        f"beam={options.beam_size} batch={options.batch_size} window={options.window_s} pad={options.pad_s} "
        f"prompt={prompt}"
    )


@dataclass(frozen=True, slots=True)
class _Span:
    """Half-open, in samples."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Whisper:
    """A loaded model; may be used from several threads at once."""

    _model: Any
    _options: EngineOptions
    fingerprint: str

    def transcribe(self, channels: Sequence[NDArray[np.float32]], /) -> list[list[Segment]]:
        try:
            return [list(self._segments(channel)) for channel in channels]
        except RuntimeError as error:
            raise _broken(error) from error

    def _segments(self, audio: NDArray[np.float32]) -> Iterator[Segment]:
        from faster_whisper import BatchedInferencePipeline

        options = self._options
        speech = _speech(audio)
        windows = _windows(speech, (options.window_s or 0) * SAMPLE_RATE_HZ)
        for first in range(0, len(windows), options.batch_size):
            # One batch per call, because faster-whisper keeps the features of all windows of a call in memory, and a
            # new pipeline for it, because a pipeline keeps state between calls.
            batch = windows[first : first + options.batch_size]
            heard, _ = BatchedInferencePipeline(self._model).transcribe(
                audio,
                language=options.language,
                beam_size=options.beam_size,
                batch_size=options.batch_size,
                initial_prompt=options.prompt or None,
                clip_timestamps=[{"start": w.start / SAMPLE_RATE_HZ, "end": w.end / SAMPLE_RATE_HZ} for w in batch],
                word_timestamps=True,
                without_timestamps=True,
            )
            by_window = groupby(heard, key=lambda part: part.seek)
            for window, (_, parts) in zip(batch, by_window, strict=True):
                yield _segment(window, list(parts), speech)


def _speech(audio: NDArray[np.float32]) -> list[_Span]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(
        min_silence_duration_ms=_MIN_SILENCE_MS,
        speech_pad_ms=_SPEECH_PAD_MS,
        max_speech_duration_s=_MAX_WINDOW_S,
    )
    return [_Span(stretch["start"], stretch["end"]) for stretch in get_speech_timestamps(audio, options)]


def speech_spans_ms(audio: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Where somebody speaks in a channel (16 kHz), as the recogniser is shown it: half-open, in ms."""
    return [(stretch.start // _MS, stretch.end // _MS) for stretch in _speech(audio)]


def _windows(speech: list[_Span], longest: int) -> list[_Span]:
    """Neighbours joined, silence between them included, while the whole stays within `longest` samples."""
    windows: list[_Span] = []
    for stretch in speech:
        if windows and stretch.end - windows[-1].start <= longest:
            windows[-1] = _Span(windows[-1].start, stretch.end)
        else:
            windows.append(stretch)
    return windows


def _segment(window: _Span, parts: list[Any], speech: list[_Span]) -> Segment:
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
