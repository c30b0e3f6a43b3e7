"""The language model that `llm` checks ask: off unless the environment names one.

`ZHIJIAN_LLM_URL` (the base of an OpenAI-compatible API, such as http://localhost:8000/v1) and `ZHIJIAN_LLM_MODEL`
switch it on; `ZHIJIAN_LLM_KEY`, `ZHIJIAN_LLM_TIMEOUT_S`, `ZHIJIAN_LLM_MAX_TOKENS` and `ZHIJIAN_LLM_MAX_CHARACTERS`
may be set beside them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pipeline.domain.errors import InputError, Problem, ProblemCode

if TYPE_CHECKING:
    from pipeline.rulepack.llm.client import ChatClient, LlmSettings
    from pipeline.rulepack.load import RuleSet

URL, MODEL, KEY = "ZHIJIAN_LLM_URL", "ZHIJIAN_LLM_MODEL", "ZHIJIAN_LLM_KEY"
_NUMBERS = {
    "ZHIJIAN_LLM_TIMEOUT_S": ("timeout_s", 1, 600),
    "ZHIJIAN_LLM_MAX_TOKENS": ("max_tokens", 50, 100_000),
    "ZHIJIAN_LLM_MAX_CHARACTERS": ("max_characters", 100, 1_000_000),
}


def language_model(rules: RuleSet, answers: Path, environ: Mapping[str, str] | None = None) -> ChatClient | None:
    """The client that the environment names, its answers remembered in the folder `answers`.

    None where no rule asks a language model, or none is configured: then nothing ever leaves the machine. Raises
    InputError for settings that cannot be used.
    """
    if not any(check.operator == "llm" for rule in rules.rules for check in rule.checks.values()):
        return None
    settings = settings_from(os.environ if environ is None else environ)
    if settings is None:
        return None
    from pipeline.rulepack.llm.client import ChatClient
    from pipeline.rulepack.llm.memory import AnswerMemory

    return ChatClient(settings, AnswerMemory(answers))


def settings_from(environ: Mapping[str, str]) -> LlmSettings | None:
    """What the environment says; None where it names no URL. Raises InputError with every fault."""
    values = {name: value for name, value in environ.items() if value.strip()}
    url, model, key = (values.get(name, "").strip() for name in (URL, MODEL, KEY))
    if not url:
        return None
    from pipeline.rulepack.llm.client import LlmSettings

    problems: list[Problem] = []
    if not _is_web_address(url):
        problems.append(
            _problem(URL, "应是 http:// 或 https:// 开头的地址,里面没有用户名和密码", "例如 http://localhost:8000/v1")
        )
    if not model:
        problems.append(_problem(MODEL, "没有写", "请写服务器上的模型名"))
    if not (key.isascii() and key.isprintable()) or " " in key:
        problems.append(_problem(KEY, "里有空格或不能用的字符", "请重新复制密钥"))
    numbers: dict[str, int] = {}
    for name, (field, least, most) in _NUMBERS.items():
        written = values.get(name, "").strip()
        if not written:
            continue
        if written.isascii() and written.isdigit() and least <= int(written[:9]) <= most and len(written) <= 9:
            numbers[field] = int(written)
        else:
            problems.append(_problem(name, "不是可用的数", f"请写 {least} 到 {most} 之间的整数"))
    if problems:
        raise InputError(problems)
    return LlmSettings(url=url, model=model, key=key or None, **numbers)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and (parts.port or 1) > 0
            and not (parts.username or parts.password or parts.query or parts.fragment)
            and url.isascii()
            and url.isprintable()
            and " " not in url
        )
    except ValueError:
        return False


def _problem(name: str, what: str, remedy: str) -> Problem:
    return Problem(code=ProblemCode.SETTING_INVALID, what=f"环境变量 {name} {what}", remedy=remedy)
