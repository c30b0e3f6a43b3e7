"""A new rule with its first cases, appended to a pack's files: what stands there, comments and all, stays as it is."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import yaml

from pipeline.domain.errors import Problem, ProblemCode, RuleError
from pipeline.domain.verdict import RuleKind, Severity
from pipeline.rulepack.cases import Case, load_cases
from pipeline.rulepack.lint import Level, lint
from pipeline.rulepack.load import load_pack, load_rules

_CODE = ProblemCode.RULE_INVALID
_ID = re.compile(r"([a-z0-9_]+)\.([a-z0-9_]+)\.([a-z0-9_]+)")
_RESERVED = ("pack", "evidence")
"""Names of files that are no topic."""

EXPECTED_KINDS = (RuleKind.SCRIPTED, RuleKind.PROCESS)
"""Of these the words must be said; of the others they may not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """What a person says of a new rule. `phrases` are the words it looks for in the speech of `role`.

    `guidance` None means a sentence made of the first phrase. `owner` is that of a new pack.
    """

    id: str
    title: str
    phrases: tuple[str, ...]
    kind: RuleKind = RuleKind.SCRIPTED
    severity: Severity = Severity.MINOR
    role: Literal["agent", "customer", "any"] = "agent"
    guidance: str | None = None
    since: date
    owner: str = "质检组"

    @property
    def expected(self) -> bool:
        """True where the words must be said."""
        return self.kind in EXPECTED_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The files that were written to, new ones included, and the new rule's cases."""

    files: tuple[Path, ...]
    cases: tuple[Case, ...]


def add_rule(root: Path, new: NewRule) -> Written:
    """Writes the rule and two cases into `root/PACK/`, and `pack.yml` where the pack is new.

    The pack is first put together aside, read and linted. Raises RuleError, and writes nothing, where the id is taken
    or is no id, or where the pack as it would be cannot be read or the linter finds an error in the new rule.
    """
    match = _ID.fullmatch(new.id)
    if match is None or match[2] in _RESERVED:
        remedy = "请写成 包.主题.名字,用小写字母、数字和下划线,例如 mine.banned.shirk"
        raise RuleError(Problem(code=_CODE, what=f"“{new.id}”不能作规则编号", remedy=remedy))
    if not new.phrases:
        raise RuleError(Problem(code=_CODE, what="没有写要找的词句", remedy="请用 --phrase 写出,可多次给出"))
    if any(len(text.splitlines()) != 1 for text in (*new.phrases, new.title, new.guidance or "-")):
        raise RuleError(Problem(code=_CODE, what="词句、名称和指导都要写,且各写在一行里", remedy="请去掉换行"))
    pack, topic = match[1], match[2]
    folder = root / pack
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise RuleError(Problem(code=_CODE, what=f"“{folder}”不是文件夹", remedy="请换一个位置", file=str(folder)))
    _free(folder, new.id)
    texts = _texts(folder, topic, new)
    with TemporaryDirectory() as scratch:
        aside = Path(scratch) / pack
        if folder.is_dir():
            shutil.copytree(folder, aside)
        aside.mkdir(exist_ok=True)
        for name, text in texts.items():
            (aside / name).write_bytes(text)
        cases = _checked(aside, new)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        temporary = folder / f".{name}.tmp"
        temporary.write_bytes(text)
        temporary.replace(folder / name)
    return Written(files=tuple(folder / name for name in texts), cases=cases)


def _free(folder: Path, rule_id: str) -> None:
    if not (folder / "pack.yml").exists():
        return
    for rule in load_pack(folder).rules:
        if rule.spec.id == rule_id:
            what = f"规则“{rule_id}”已经有了,不会覆盖"
            problem = Problem(
                code=_CODE, what=what, remedy="请换一个编号,或直接改那条规则", file=rule.file, row=rule.line
            )
            raise RuleError(problem)


def _checked(folder: Path, new: NewRule) -> tuple[Case, ...]:
    load_rules([folder])
    pack = load_pack(folder)
    cases = load_cases(pack)
    errors = [
        r.problem for r in lint(pack, cases) if r.level is Level.ERROR and r.problem.what.startswith(f"{new.id}:")
    ]
    if errors:
        raise RuleError(errors)
    return tuple(c for c in cases if c.spec.rule == new.id)


def _texts(folder: Path, topic: str, new: NewRule) -> dict[str, bytes]:
    """The files as they will be, by name."""
    texts: dict[str, bytes] = {}
    if not (folder / "pack.yml").exists():
        pack_id = new.id.split(".")[0]
        pack = {"id": pack_id, "version": "0.1.0", "title": pack_id, "owner": new.owner, "language": "zh"}
        pack["covers"] = f"由 {new.id} 开始"
        texts["pack.yml"] = _hint(folder, "pack") + "".join(f"{k}: {_inline(v)}\n" for k, v in pack.items()).encode()
    for name, schema, text in (
        (f"{topic}.yml", "rule", _rule_text(new)),
        (f"{topic}.cases.yml", "cases", _case_text(new)),
    ):
        texts[name] = _appended(folder / name, text, _hint(folder, schema))
    return texts


def _hint(folder: Path, schema: str) -> bytes:
    """The line by which editors find the schema, where it lies beside the packs."""
    file = f"{schema}.schema.json"
    return (
        f"# yaml-language-server: $schema=../schema/{file}\n".encode()
        if (folder.parent / "schema" / file).is_file()
        else b""
    )


def _appended(path: Path, text: str, head: bytes) -> bytes:
    """What stands in the file, and the text after it, with the file's own line ends."""
    before = path.read_bytes() if path.is_file() else b""
    if not before.strip():
        return (before or head) + text.encode()
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    gap = newline if before.endswith(b"\n") else newline * 2
    return before + gap + text.encode().replace(b"\n", newline)


def _rule_text(new: NewRule) -> str:
    first = new.phrases[0]
    advice = f"请说“{first}”。" if new.expected else f"请不要说“{first}”,换一种说法。"
    if new.kind is RuleKind.RISK:
        advice = f"听到“{first}”时请安抚客户,并转主管处理。"
    lines: Mapping[str, Any] = {
        "title": new.title,
        "kind": str(new.kind),
        "severity": str(new.severity),
        "status": "experimental",
        "version": 1,
        "since": new.since,
        "guidance": new.guidance or advice,
    }
    role = "" if new.role == "any" else f", role: {new.role}"
    return "".join(
        [
            f"- id: {new.id}\n",
            *(f"  {key}: {_inline(value)}\n" for key, value in lines.items()),
            "  checks:\n",
            f"    said: {{phrase: {_inline(list(new.phrases))}{role}}}\n",
            f"  {'expect' if new.expected else 'forbid'}: said\n",
        ]
    )


def _case_text(new: NewRule) -> str:
    """A dialogue in which the first phrase is said, and one in which it is not."""
    speaker = "客户" if new.role == "customer" else "客服"
    other = "客服" if speaker == "客户" else "客户"
    said, unsaid = ("passed", "violated") if new.expected else ("violated", "passed")
    first = new.phrases[0]
    return "".join(
        [
            _case(new, "说了", said, [f"{other}: 喂", f"{speaker}: {first}"]),
            "\n",
            _case(new, "没有说", unsaid, [f"{other}: 喂", f"{speaker}: 嗯,我在听"]),
        ]
    )


def _case(new: NewRule, name: str, verdict: str, dialogue: list[str]) -> str:
    lines = "".join(f"    {line}\n" for line in dialogue)
    return f"- rule: {new.id}\n  name: {name}\n  verdict: {verdict}\n  dialogue: |\n{lines}"


def _inline(value: Any) -> str:
    """A value on one line, quoted where YAML needs it."""
    text: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=100_000)
    return text.removesuffix("\n").removesuffix("\n...").removesuffix("...").strip()
