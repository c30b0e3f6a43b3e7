"""Cases: short dialogues beside the rules, each with the verdict that it must get.

A dialogue has one line per turn, `客服: …` or `客户: …` (also `系统`), with times in seconds where they matter:
`客服 [0.0-3.2]: …`, and where it matters with how much louder and higher than usual a turn is said:
`客服 [0.0-3.2 +8dB +3st]: …`. A case with times is a phone call, one without is a chat unless it says `channel: voice`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Protocol

from pydantic import Field

from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import Problem, ProblemCode, RuleError
from pipeline.domain.transcript import Role, Transcript, Turn, Word
from pipeline.domain.verdict import Verdict, VerdictValue
from pipeline.rulepack.llm.question import LanguageModel
from pipeline.rulepack.llm.written import WrittenAnswer, WrittenAnswers
from pipeline.rulepack.load import Pack, Rule, topic_files
from pipeline.rulepack.operators.llm import LlmParams
from pipeline.rulepack.schema import Strict, Text
from pipeline.rulepack.yamlfile import Document, build, nearest, read_yaml

_CODE = ProblemCode.RULE_INVALID
_ROLES = {"客服": Role.AGENT, "坐席": Role.AGENT, "客户": Role.CUSTOMER, "系统": Role.SYSTEM}
_TEXT_FIELDS = ("agent_id", "agent_name", "team", "customer_id", "direction", "queue", "ticket_id")
_NUMBER_FIELDS = ("csat", "answered_after_s")
_LINE = re.compile(
    rf"(?P<role>{'|'.join(_ROLES)})\s*"
    r"(?:\[(?P<start>\d+(?:\.\d+)?)-(?P<end>\d+(?:\.\d+)?)"
    r"(?:\s+(?P<db>[+-]\d+(?:\.\d+)?)dB)?(?:\s+(?P<st>[+-]\d+(?:\.\d+)?)st)?\])?"
    r"\s*[:\uff1a]\s*(?P<text>.*)"
)
_LEVEL_DBFS, _PITCH_HZ = -20.0, 200.0
"""Of every turn of a dialogue in which some are said louder or higher."""


class Judge(Protocol):
    """Judges a call by the loaded rules; `llm` checks ask `language_model`."""

    def __call__(
        self, call: Call, transcript: Transcript, /, *, language_model: LanguageModel | None = None
    ) -> tuple[Verdict, ...]: ...


class CaseSpec(Strict):
    """One case as written."""

    rule: Text
    name: Text
    verdict: VerdictValue
    dialogue: Text
    channel: Channel | None = None
    metadata: dict[str, str | int | float] = Field(default_factory=dict)
    word_probability: Annotated[float, Field(ge=0, le=1)] = 1.0
    llm: dict[str, WrittenAnswer] = Field(default_factory=dict)
    known_miss: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case ready to run."""

    spec: CaseSpec
    call: Call
    transcript: Transcript
    file: str
    line: int
    language_model: WrittenAnswers | None = None


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What a case got. A known miss that fails is reported as such; one that passes should lose its mark."""

    case: Case
    verdict: Verdict

    @property
    def right(self) -> bool:
        return self.verdict.value is self.case.spec.verdict

    @property
    def failed(self) -> bool:
        return self.right == self.case.spec.known_miss


def load_cases(pack: Pack) -> tuple[Case, ...]:
    """The cases of a pack. Raises RuleError with all problems; a topic file without cases is one of them."""
    return read_cases(pack.folder, {r.spec.id: r for r in pack.rules})


def read_cases(folder: Path, rules: Mapping[str, Rule] | None) -> tuple[Case, ...]:
    """The same for a folder; `rules` None where the pack's own rules cannot be read, and so nobody knows them."""
    cases: list[Case] = []
    problems: list[Problem] = []
    for topic in topic_files(folder):
        path = topic.with_name(f"{topic.stem}.cases.yml")
        if not path.is_file():
            what = f"主题文件 {topic.name} 旁边没有 {path.name}"
            problems.append(Problem(code=_CODE, what=what, remedy="请为规则写用例", file=f"{folder.name}/{path.name}"))
            continue
        try:
            cases += _read_cases(read_yaml(path, name=f"{folder.name}/{path.name}"), rules)
        except RuleError as error:
            problems += error.problems
    if problems:
        raise RuleError(problems)
    return tuple(cases)


def _read_cases(document: Document, rules: Mapping[str, Rule] | None) -> Iterator[Case]:
    if not isinstance(document.value, list):
        raise RuleError(document.problem(_CODE, (), "用例文件应是列表", "每条用例以“- rule:”开头"))
    problems: list[Problem] = []
    cases: list[Case] = []
    for i, entry in enumerate(document.value):
        try:
            spec = build(CaseSpec, document, entry, (i,), code=_CODE)
            if rules is not None and spec.rule not in rules:
                near = nearest(spec.rule, rules)
                remedy = f"您是否想写“{near}”?" if near else "请改正规则编号"
                raise RuleError(document.problem(_CODE, (i, "rule"), f"规则包里没有规则“{spec.rule}”", remedy))
            cases.append(_case(spec, None if rules is None else rules[spec.rule], document, i))
        except RuleError as error:
            problems += error.problems
        except ValueError as error:
            problems.append(
                document.problem(_CODE, (i, "dialogue"), str(error), "请写成“客服: …”或“客户 [3.0-5.5]: …”")
            )
    if problems:
        raise RuleError(problems)
    yield from cases


def _case(spec: CaseSpec, rule: Rule | None, document: Document, index: int) -> Case:
    turns = parse_dialogue(spec.dialogue, word_probability=spec.word_probability)
    timed = all(t.start_ms is not None for t in turns)
    channel = spec.channel or (Channel.VOICE if timed else Channel.CHAT)
    known = {k: v for k, v in spec.metadata.items() if k in _TEXT_FIELDS or k in _NUMBER_FIELDS}
    wrong = [k for k, v in known.items() if k in _NUMBER_FIELDS and isinstance(v, str)]
    if wrong:
        what = f"metadata 的 {'、'.join(wrong)} 应为数字"
        raise RuleError(document.problem(_CODE, (index, "metadata", wrong[0]), what, "请改成数字"))
    values: dict[str, Any] = {k: float(v) if k in _NUMBER_FIELDS else str(v) for k, v in known.items()}
    call = Call(
        call_id=f"case-{index + 1}",
        channel=channel,
        source=document.file,
        content_hash=hashlib.sha256(spec.dialogue.encode()).hexdigest(),
        turns=turns,
        metadata={k: str(v) for k, v in spec.metadata.items() if k not in known},
        **values,
    )
    duration_ms = max(t.end_ms or 0 for t in turns) if timed else None
    transcript = Transcript(turns=turns, engine="given", duration_ms=duration_ms)
    answers = _answers(spec, rule, document, index) if rule else None
    return Case(spec, call, transcript, document.file, document.line((index,)), answers)


def _answers(spec: CaseSpec, rule: Rule, document: Document, index: int) -> WrittenAnswers | None:
    asked = {name: c.params.prompt for name, c in rule.checks.items() if isinstance(c.params, LlmParams)}
    for name in spec.llm:
        if name not in asked:
            what = f"规则“{rule.spec.id}”没有名为“{name}”的 llm 检查"
            raise RuleError(document.problem(_CODE, (index, "llm", name), what, "请写检查的名字"))
    return WrittenAnswers({asked[name]: answer for name, answer in spec.llm.items()}) if spec.llm else None


def parse_dialogue(text: str, *, word_probability: float = 1.0) -> tuple[Turn, ...]:
    """The turns of a written dialogue. Raises ValueError (Chinese) for a line that is none, or half-given times."""
    turns: list[Turn] = []
    changes: list[tuple[float, float]] = []
    for written in filter(None, (line.strip() for line in text.splitlines())):
        match = _LINE.fullmatch(written)
        if match is None:
            raise ValueError(f"“{written}”不是一轮对话")
        start, end = (None if match[g] is None else round(float(match[g]) * 1000) for g in ("start", "end"))
        if start is not None and end is not None and end <= start:
            raise ValueError(f"“{written}”的结束时间应晚于开始时间")
        said = match["text"].strip()
        words = _words(said, start, end, word_probability)
        changes.append((float(match["db"] or 0), float(match["st"] or 0)))
        turns.append(Turn(len(turns), _ROLES[match["role"]], said, start, end, words))
    if not turns:
        raise ValueError("对话是空的")
    if len({t.start_ms is None for t in turns}) > 1:
        raise ValueError("要么每一轮都写时间,要么都不写")
    starts = [t.start_ms for t in turns if t.start_ms is not None]
    if starts != sorted(starts):
        raise ValueError("各轮应按开始时间排列")
    return _delivered(turns, changes) if any(map(any, changes)) else tuple(turns)


def _delivered(turns: Sequence[Turn], changes: Sequence[tuple[float, float]]) -> tuple[Turn, ...]:
    return tuple(
        replace(turn, level_dbfs=_LEVEL_DBFS + db, pitch_hz=_PITCH_HZ * 2 ** (semitones / 12))
        for turn, (db, semitones) in zip(turns, changes, strict=True)
    )


def _words(text: str, start: int | None, end: int | None, probability: float) -> tuple[Word, ...]:
    """One word per character, spread evenly over the turn."""
    if start is None or end is None or not text:
        return ()
    at = [start + (end - start) * i // len(text) for i in range(len(text) + 1)]
    return tuple(Word(c, at[i], at[i + 1], probability, i, i + 1) for i, c in enumerate(text))


def run_cases(cases: Iterable[Case], judge: Judge) -> Iterator[CaseResult]:
    """Each case with the verdict that `judge` (the same path as for real calls) gives."""
    for case in cases:
        judged = judge(case.call, case.transcript, language_model=case.language_model)
        verdicts = {v.rule_id: v for v in judged}
        yield CaseResult(case, verdicts[case.spec.rule])
