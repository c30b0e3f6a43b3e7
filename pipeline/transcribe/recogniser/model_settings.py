"""What a model asks for: the optional `zhijian.json` in its folder, such as `{"window_s": 0, "pad_s": 10}`."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe.recogniser.options import LEAST_PAD_S, MAX_WINDOW_S, WHISPER_S

SETTINGS_FILE = "zhijian.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSettings:
    """`window_s`, `pad_s`: as in `EngineOptions`, for who does not say. `hotwords`: may be led by terms to expect."""

    window_s: int = MAX_WINDOW_S
    pad_s: int = WHISPER_S
    hotwords: bool = True


_LIMITS_S = {"window_s": (0, MAX_WINDOW_S), "pad_s": (LEAST_PAD_S, WHISPER_S)}


def read_settings(folder: Path) -> ModelSettings:
    """The settings of the model in `folder`; Whisper's usual ones where it has no `zhijian.json`.

    Raises:
        ModelError: MODEL_INVALID, with everything that is wrong in the file.
    """
    file = folder / SETTINGS_FILE
    if not file.is_file():
        return ModelSettings()
    try:
        written = json.loads(file.read_text(encoding="utf-8-sig"), object_pairs_hook=_once)
    except (ValueError, RecursionError, OSError) as error:
        raise ModelError(_problem(file, f"不是可读的 JSON({str(error).splitlines()[0]})")) from error
    if not isinstance(written, dict):
        raise ModelError(_problem(file, "内容应是一对花括号里的设置"))
    wrong = [what for key, value in written.items() if (what := _wrong(key, value))]
    if wrong:
        raise ModelError(_problem(file, what) for what in wrong)
    return ModelSettings(**written)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("同一个键写了两次")
    return values


def _wrong(key: str, value: Any) -> str | None:
    if key in _LIMITS_S:
        least, most = _LIMITS_S[key]
        right = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return None if right else f"{key} 应是 {least} 到 {most} 之间的整数(秒)"
    if key == "hotwords":
        return None if isinstance(value, bool) else "hotwords 应是 true 或 false"
    return f"有不认识的键“{key}”,可用的是 {'、'.join(field.name for field in fields(ModelSettings))}"


def _problem(file: Path, what: str) -> Problem:
    return Problem(code=ProblemCode.MODEL_INVALID, what=what, remedy="请改正这个文件,或删去它", file=str(file))
