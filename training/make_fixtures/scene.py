"""What a scene is: its header and its dialogue, read from YAML. See the package's docstring for the language."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from pipeline.domain.errors import InputError, Problem, ProblemCode
from training.make_fixtures.script import Pause, Script, Utterance, parse_script
from training.voice import VARIANTS_SEEN, VARIANTS_UNSEEN

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z_]+){2}$")]

Industry = Literal["general", "insurance", "banking", "collections", "telecom", "ecommerce", "property"]

_MESSAGES = {
    "missing": "缺少这个键",
    "extra_forbidden": "不认识这个键",
    "literal_error": "值不在允许的范围内",
}


def _known_variant(name: str) -> str:
    if name not in (*VARIANTS_SEEN, *VARIANTS_UNSEEN):
        raise ValueError(f"没有声音“{name}”,可用的声音见 training/voice/variants.py")
    return name


class _Header(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Speaker(_Header):
    """How a speaker sounds: espeak-ng's voice variant, words per minute, pitch 0 to 99."""

    voice: Annotated[str, AfterValidator(_known_variant)]
    wpm: int = Field(ge=120, le=260)
    pitch: int = Field(ge=15, le=80)


class Meta(_Header):
    """The columns of the manifest that are not about the file."""

    agent_id: str
    agent_name: str
    team: str
    customer_id: str | None = None
    started_at: AwareDatetime
    direction: Literal["inbound", "outbound"] | None = None
    queue: str | None = None
    answered_after_s: float | None = Field(default=None, ge=0)
    csat: int | None = Field(default=None, ge=1, le=5)
    ticket_id: str | None = None


class SceneHeader(_Header):
    """All of a scene but its dialogue."""

    call_id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$")]
    title: str
    format: Literal["wav", "mp3", "opus", "chat"]
    meta: Meta
    industry: Industry = "general"
    agent: Speaker | None = None
    customer: Speaker | None = None
    agent_channel: Literal[0, 1] = 0
    mono: bool = False
    quality: Literal["good", "fair", "poor"] = "good"
    clean: bool = False
    must_not: tuple[RuleId, ...] = ()
    may: tuple[RuleId, ...] = ()
    absent: dict[RuleId, str] = Field(default_factory=dict)
    lines: str

    @property
    def is_chat(self) -> bool:
        return self.format == "chat"

    @model_validator(mode="after")
    def _fits_its_format(self) -> Self:
        said = self.model_fields_set
        if self.is_chat and (of_sound := said & {"agent", "customer", "agent_channel", "mono", "quality"}):
            raise ValueError(f"chat 没有声音,请去掉 {'、'.join(sorted(of_sound))}")
        if not self.is_chat and (self.agent is None or self.customer is None):
            raise ValueError("录音要写 agent 和 customer 的声音")
        if self.mono and "agent_channel" in said:
            raise ValueError("mono 的录音只有一个声道,请去掉 agent_channel")
        return self


@dataclass(frozen=True, slots=True)
class Scene:
    """A dialogue and all that is needed to perform it."""

    header: SceneHeader
    script: Script

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        return tuple(item for item in self.script if isinstance(item, Utterance))

    def speaker_of(self, utterance: Utterance) -> Speaker:
        """How the one who says it sounds.

        Raises ValueError for a chat, in which nothing sounds.
        """
        speaker = self.header.agent if utterance.is_agent else self.header.customer
        if speaker is None:
            raise ValueError(f"scene {self.header.call_id} has no voices")
        return speaker


def read_scene(path: Path) -> Scene:
    """Read and check one scene.

    Raises InputError with every problem found, each with the file's line.
    """
    text = path.read_text(encoding="utf-8")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        row = None if error.problem_mark is None else error.problem_mark.line + 1
        raise InputError(_problem(path, row, f"不是合格的 YAML: {error.problem}", "请检查缩进和冒号")) from error
    if not isinstance(node, yaml.MappingNode):
        raise InputError(_problem(path, 1, "场景应为一组键值", "请参照 training/scenes 中的文件"))
    rows = {key.value: key.start_mark.line + 1 for key, _ in node.value}
    problems = _duplicate_keys(path, node)
    header: SceneHeader | None = None
    try:
        header = SceneHeader.model_validate(values)
    except ValidationError as error:
        problems += [
            _problem(
                path,
                rows.get(str(item["loc"][0]) if item["loc"] else "", 1),
                f"{'.'.join(map(str, item['loc'])) or '场景'}: {_MESSAGES.get(item['type'], item['msg'])}",
                "请按 training.make_fixtures 的说明改正",
            )
            for item in error.errors()
        ]
    script: Script = ()
    if isinstance(values.get("lines"), str):
        # The dialogue is a block scalar: its first line is the one below the key.
        script, complaints = parse_script(values["lines"], first_row=rows["lines"] + 1)
        problems += [_problem(path, c.row, c.what, c.remedy) for c in complaints]
    if header is not None and header.clean and (header.absent or any(item.faults for item in script)):
        problems.append(_problem(path, rows["clean"], "clean 的场景不能有违规", "请去掉 clean 或违规"))
    if header is not None:
        problems += _disputed_rules(path, rows, header, script)
    if header is not None and header.is_chat and any(isinstance(item, Pause) and item.sound for item in script):
        problems.append(_problem(path, rows["lines"], "chat 里听不到音乐、铃声和嘈杂", "请改写为(停顿 3s)"))
    if problems or header is None:
        raise InputError(problems)
    return Scene(header, script)


def _disputed_rules(path: Path, rows: dict[str, int], header: SceneHeader, script: Script) -> list[Problem]:
    """A rule is broken, kept, or left open; not two of them."""
    planted = {*header.absent, *(fault.rule_id for item in script for fault in item.faults)}
    places = {"must_not": planted & set(header.must_not), "may": (planted | set(header.must_not)) & set(header.may)}
    return [
        _problem(path, rows[key], f"{key} 中的 {rule} 在别处另有说法", "一条规则只能是违规、must_not 或 may 之一")
        for key, rules in places.items()
        for rule in sorted(rules)
    ]


def _duplicate_keys(path: Path, node: yaml.MappingNode) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for key, value in node.value:
        if key.value in seen:
            problems.append(_problem(path, key.start_mark.line + 1, f"键“{key.value}”重复", "请只保留一个"))
        seen.add(key.value)
        if isinstance(value, yaml.MappingNode):
            problems += _duplicate_keys(path, value)
    return problems


def _problem(path: Path, row: int | None, what: str, remedy: str) -> Problem:
    return Problem(code=ProblemCode.BAD_FORMAT, what=what, remedy=remedy, file=path.name, row=row)
