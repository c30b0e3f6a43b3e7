"""What a run is told: one frozen object, each default stated once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.assets import asset
from pipeline.domain.errors import Problem, ProblemCode, RuleError
from pipeline.emotion.customer import CustomerOptions
from pipeline.rulepack.yamlfile import nearest
from pipeline.transcribe import EngineOptions

DEFAULT_TIMEZONE = "Asia/Shanghai"
DEFAULT_BATCH_SIZE = 32


GENERAL = "general"


def shipped_packs() -> tuple[Path, ...]:
    """Every pack that ships with zhijian."""
    return tuple(sorted(p.parent for p in asset("rules").glob("*/pack.yml")))


def default_packs() -> tuple[Path, ...]:
    """The pack for every trade; what only one trade must not say would be wrong to hold against another."""
    return (asset(f"rules/{GENERAL}"),)


def industries() -> tuple[str, ...]:
    """The trades that have a pack and a score sheet of their own."""
    return tuple(pack.name for pack in shipped_packs() if asset(f"rules/scoresheets/{pack.name}.yml").is_file())


_IN_CHINESE = {
    "银行": "banking",
    "催收": "collections",
    "电商": "ecommerce",
    "保险": "insurance",
    "物业": "property",
    "通信": "telecom",
}


def of_industry(name: str) -> tuple[tuple[Path, ...], Path]:
    """The packs and the score sheet of a trade, named in English or Chinese. Raises RuleError where there is none."""
    name = _IN_CHINESE.get(name, name)
    if name not in industries():
        near = nearest(name, (*industries(), *_IN_CHINESE))
        remedy = f"您是否想写“{near}”?" if near else f"可用:{'、'.join(industries())}"
        raise RuleError(Problem(code=ProblemCode.SETTING_INVALID, what=f"没有行业“{name}”", remedy=remedy))
    return (*default_packs(), asset(f"rules/{name}")), asset(f"rules/scoresheets/{name}.yml")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """`sources`: recordings, folders, manifests, chats. `recordings`: the folder that a manifest's paths may point
    into beside its own. `agent_channel`: the 0-based channel of the agent where a manifest does not say.
    `ledger`: a SQLAlchemy URL for the run ledger instead of SQLite in the lake. `batch_size`: calls per task; a kill
    loses at most the work of one batch. `rule_words`: the recogniser is told which words the rules expect, where its
    model can be led by them. `stock_phrases`: lines that the user's recogniser is known to invent, beside the built-in.
    `diarizer`: a folder with pyannote's weights, to tell two voices on one channel apart. `customers`: which columns of
    a manifest tell a customer's level. `emotion_model`: a folder that `zhijian train emotion` wrote, instead of the
    shipped model.
    """

    sources: tuple[Path, ...]
    lake: Path
    packs: tuple[Path, ...] = field(default_factory=default_packs)
    sheet: Path = field(default_factory=lambda: asset("rules/scoresheets/standard.yml"))
    engine: EngineOptions = field(default_factory=EngineOptions)
    recordings: Path | None = None
    agent_channel: int | None = None
    ledger: str | None = None
    timezone: str = DEFAULT_TIMEZONE
    batch_size: int = DEFAULT_BATCH_SIZE
    rule_words: bool = False
    stock_phrases: tuple[str, ...] = ()
    diarizer: Path | None = None
    customers: CustomerOptions = field(default_factory=CustomerOptions)
    emotion_model: Path | None = None
