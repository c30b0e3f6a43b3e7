"""Whisper through faster-whisper, which is imported only when an engine is loaded.

Only stretches of speech are recognised: without that Whisper invents words in silence.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe.engine import SAMPLE_RATE_HZ, HeardWord, Result, Samples, Segment
from pipeline.transcribe.recogniser.hotwords import as_hint, fitting
from pipeline.transcribe.recogniser.model_files import model_digest, model_folder
from pipeline.transcribe.recogniser.model_settings import read_settings
from pipeline.transcribe.recogniser.options import CPU_WORKERS, WHISPER_S, EngineOptions, check_ranges
from pipeline.transcribe.recogniser.together import Plan, recognise_together
from pipeline.transcribe.recogniser.windows import Window, cut_windows, filled_s, speech_fingerprint

log = logging.getLogger(__name__)

_MAX_THREADS = 8  # a larger machine has other work to do beside one recogniser
_MS = SAMPLE_RATE_HZ // 1000
_LONGEST_AT_EDGE = 1.5  # of a usual word: the last syllable before a pause is drawn out
_LEAST_AT_EDGE_MS = 250  # a syllable that is not hurried: among few words nothing tells what is usual
_FEW_WORDS = 3
_APART_S = 34  # a window and more than the time over which faster-whisper looks back


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
    threads = options.threads or _default_threads()
    workers = options.workers or _default_workers(options.device, threads)
    options = replace(options, window_s=window_s, pad_s=pad_s, threads=threads, workers=workers)
    from pipeline.transcribe.recogniser.trimmed import TrimmedWhisper

    try:
        model = TrimmedWhisper(
            str(folder),
            pad_s=pad_s,
            device=options.device,
            compute_type=options.compute_type,
            cpu_threads=max(1, threads // workers),
            num_workers=workers,
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


def _default_workers(device: str, threads: int) -> int:
    import ctranslate2

    on_card = device == "cuda" or (device == "auto" and ctranslate2.get_cuda_device_count() > 0)
    return 1 if on_card else min(threads, CPU_WORKERS)


def _fingerprint(loaded: Any, folder: Path, options: EngineOptions, hotwords: tuple[str, ...]) -> str:
    def short(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()[:8] if text else "none"

    return (
        f"{Path(options.model).name}@{model_digest(folder)[:16]} faster-whisper={version('faster-whisper')} "
        f"ctranslate2={version('ctranslate2')} {loaded.device}/{loaded.compute_type} language={options.language} "
        f"beam={options.beam_size} batch={options.batch_size} window={options.window_s} pad={options.pad_s} "
        f"speech={speech_fingerprint()} edges={_LONGEST_AT_EDGE} "
        f"prompt={short(options.prompt)} hotwords={short(as_hint(hotwords))}"
    )


@dataclass(frozen=True, slots=True)
class Whisper:
    """A loaded model; may be used from several threads at once.

    `model` is faster-whisper's. `options` are those it works with: what the caller left open is as the model asks, and
    as suits the device. `hotwords` are the terms that it is led by.
    """

    model: Any
    folder: Path
    options: EngineOptions
    hotwords: tuple[str, ...]
    fingerprint: str

    def transcribe(self, recordings: Iterable[Sequence[Samples]], /) -> Iterator[Result]:
        """See `Engine`."""
        options = self.options
        plan = Plan(
            batch_size=options.batch_size,
            workers=options.workers,
            round_samples=options.round_s * SAMPLE_RATE_HZ,
            filled=lambda window: filled_s(len(window.audio), options.pad_s or WHISPER_S),
        )
        return recognise_together(
            recordings, lambda samples: cut_windows(samples, options.window_s or 0), self.recognise, plan
        )

    def recognise(self, windows: Sequence[Window]) -> Sequence[Segment | ModelError]:
        """What is heard in each window, or why nothing was: the recogniser broke down on it alone, too."""
        try:
            return self._recognised(windows)
        except RuntimeError as error:
            if len(windows) == 1:
                return [_broken(error)]
            # A graphics card without memory left may still have it for half as many.
            log.warning("%d windows at once failed (%s), trying half as many", len(windows), _first_line(error))
            half = len(windows) // 2
            return [*self.recognise(windows[:half]), *self.recognise(windows[half:])]

    def _recognised(self, windows: Sequence[Window]) -> list[Segment]:
        import numpy as np
        from faster_whisper import BatchedInferencePipeline

        options = self.options
        # Windows of several channels stand in one array, far enough apart that no word's time is moved by a neighbour.
        together = np.zeros((len(windows) + 1) * _APART_S * SAMPLE_RATE_HZ, np.float32)
        clips = []
        for place, window in enumerate(windows, start=1):
            start = place * _APART_S * SAMPLE_RATE_HZ
            together[start : start + len(window.audio)] = window.audio
            clips.append({"start": start / SAMPLE_RATE_HZ, "end": (start + len(window.audio)) / SAMPLE_RATE_HZ})
        # A new pipeline, because it keeps state between calls.
        heard, _ = BatchedInferencePipeline(self.model).transcribe(
            together,
            language=options.language,
            beam_size=options.beam_size,
            batch_size=len(windows),
            initial_prompt=options.prompt or None,
            hotwords=as_hint(self.hotwords) or None,
            clip_timestamps=clips,
            word_timestamps=True,
            without_timestamps=True,
        )
        by_window = groupby(heard, key=lambda part: part.seek)
        return [
            _segment(window, place * _APART_S * 1000, list(parts))
            for place, (window, (_, parts)) in enumerate(zip(windows, by_window, strict=True), start=1)
        ]


def _segment(window: Window, offset_ms: int, parts: list[Any]) -> Segment:
    """Whisper's words, which it heard at `offset_ms`, with their times brought into the window and into order.

    Alignment may place a word in the silence that fills up the window, or a hair before its neighbour's end.
    """
    start_ms, end_ms = window.start // _MS, window.end // _MS
    words: list[HeardWord] = []
    latest_ms = start_ms
    for word in (word for part in parts for word in part.words):
        from_ms, to_ms = (round(s * 1000) - offset_ms + start_ms for s in (word.start, word.end))
        near = (s.voice for s in window.speech if from_ms * _MS < s.end and max(to_ms, from_ms + 1) * _MS > s.start)
        voice = max(near, default=0.0)
        from_ms = min(max(from_ms, latest_ms), end_ms)
        latest_ms = min(max(to_ms, from_ms), end_ms)
        words.append(HeardWord(word.word, from_ms, latest_ms, round(float(word.probability), 4), voice))
    return Segment(
        start_ms=start_ms,
        end_ms=end_ms,
        words=tuple(_without_silence(words)),
        mean_log_probability=float(parts[0].avg_logprob),
        no_speech_probability=float(parts[0].no_speech_prob),
        compression_ratio=max(float(part.compression_ratio) for part in parts),
    )


def _without_silence(words: list[HeardWord]) -> list[HeardWord]:
    """The words with the silence taken off that alignment gives to the first and the last one.

    Alignment goes from a window's first frame to its last, so what stands before and after speech counts as theirs.
    """
    if len(words) < 2:
        return words
    lengths = [word.end_ms - word.start_ms for word in words]
    usual = median(lengths[1:-1]) if len(words) > _FEW_WORDS else min(lengths)
    most = max(_LEAST_AT_EDGE_MS, round(_LONGEST_AT_EDGE * usual))
    first, *_, last = words
    return [
        replace(first, start_ms=max(first.start_ms, first.end_ms - most)),
        *words[1:-1],
        replace(last, end_ms=min(last.end_ms, last.start_ms + most)),
    ]


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _broken(error: Exception) -> ModelError:
    remedy = "显存不足时请减小 batch_size;缺少 CUDA 库或显卡驱动太旧时请安装,或改用 device=cpu"
    return _error(ProblemCode.MODEL_UNAVAILABLE, f"模型运行失败({_first_line(error)})", remedy)


def _invalid(folder: Path, what: str) -> ModelError:
    return _error(ProblemCode.MODEL_INVALID, what, "请重新下载或复制整个模型文件夹", file=str(folder))


def _error(code: ProblemCode, what: str, remedy: str, *, file: str | None = None) -> ModelError:
    return ModelError(Problem(code=code, what=what, remedy=remedy, file=file))
