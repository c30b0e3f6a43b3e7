"""How to recognise, and which of it can work at all."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.domain.errors import ModelError, Problem, ProblemCode

DEMO_MODEL = "asr-demo-zh"
"""The name of the model that ships with zhijian."""

MAX_WINDOW_S = 28
LEAST_PAD_S = 10
CPU_WORKERS = 2
"""Batches side by side on a processor, see `benchmarks/throughput.py`."""
WHISPER_S = 30
"""What Whisper hears at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """How to recognise.

    `model`: a folder's path, the name of a folder under `models/`, a Whisper size or a hub id.
    `device`: `auto` (a CUDA card when there is one), `cpu` or `cuda`. `compute_type`: CTranslate2's, such as `int8` or
    `float16`; `default` keeps the model's own. `threads`: 0 takes OMP_NUM_THREADS, or the cores this process may
    use up to eight. `language`: Whisper's code. `beam_size` 1 is greedy. `batch_size`: windows recognised at once.
    `window_s`: neighbouring stretches of speech are recognised together in windows of up to this many seconds (at
    most 28); 0 gives each its own window. None takes what the model asks for in its `zhijian.json`, else 28: each
    window costs as much as 30 s of audio, so a full-sized Whisper is several times faster with full ones.
    `pad_s`: windows are filled up to no fewer than this many seconds (10 to 30). None takes what the model asks for,
    else 30, the only length that Whisper's own sizes were trained on.
    `workers`: batches recognised side by side, each with its share of the threads; 0 takes what was measured to be
    fastest on the device. `round_s`: seconds of speech that are recognised while as many are decoded and cut, whosever
    they are; they bound the memory beside the model, some 0.4 MB each with all that belongs to them.
    `prompt`: text that Whisper takes as said before, to lead it to a script or to product names; empty for none (the
    demo model was not trained for one, and loses words by it).
    `glossary`, `hotwords`: terms to expect in every window, the most important first: the user's own, then others that
    fill the room left. Those that do not fit are left out, and said to be where they are the user's own. A model that
    refuses them in its `zhijian.json` is given none.
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
    workers: int = 0
    round_s: int = 600
    prompt: str = ""
    glossary: tuple[str, ...] = ()
    hotwords: tuple[str, ...] = ()


def check_ranges(options: EngineOptions) -> None:
    """Raises ModelError (SETTING_INVALID) that names every number that cannot work."""
    lowest = {"threads": 0, "beam_size": 1, "batch_size": 1, "workers": 0, "round_s": WHISPER_S}
    wrong = [f"{name}={getattr(options, name)}" for name, least in lowest.items() if getattr(options, name) < least]
    if options.window_s is not None and not 0 <= options.window_s <= MAX_WINDOW_S:
        wrong.append(f"window_s={options.window_s}")
    if options.pad_s is not None and not LEAST_PAD_S <= options.pad_s <= WHISPER_S:
        wrong.append(f"pad_s={options.pad_s}")
    if wrong:
        what = f"识别设置超出范围:{'、'.join(wrong)}"
        remedy = (
            f"threads、workers 最小 0,beam_size、batch_size 最小 1,round_s 最小 {WHISPER_S},"
            f"window_s 从 0 到 {MAX_WINDOW_S},pad_s 从 {LEAST_PAD_S} 到 {WHISPER_S}"
        )
        raise ModelError(Problem(code=ProblemCode.SETTING_INVALID, what=what, remedy=remedy))
