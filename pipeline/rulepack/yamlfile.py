"""One strict reader for every YAML file that users write: line numbers kept, nothing silently lost.

Refused: duplicate keys, aliases and anchors (they let a small file expand without bound), tags, several documents,
files over 2 MB or nested deeper than 40. Values are plain dict, list, str, int, float, bool, None and date.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

import yaml
from pydantic import BaseModel, ValidationError
from rapidfuzz import process

from pipeline.domain.errors import Problem, ProblemCode, RuleError
from pipeline.rulepack.yaml_words import why_unreadable

MAX_BYTES = 2_000_000
MAX_DEPTH = 40
_PLAIN = frozenset(f"tag:yaml.org,2002:{kind}" for kind in "map seq str int float bool null timestamp".split())

Location = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file's value, and the 1-based line of every key and list entry by its path.

    `folder` is where the file lies, None for text that was never one.
    """

    file: str
    value: Any
    lines: Mapping[Location, int]
    folder: Path | None = None

    def line(self, location: Location) -> int:
        """The line of `location`, or of the nearest thing above it that has one."""
        for length in range(len(location), 0, -1):
            if location[:length] in self.lines:
                return self.lines[location[:length]]
        return 1

    def problem(self, code: ProblemCode, location: Location, what: str, remedy: str) -> Problem:
        """A problem at `location` of this file."""
        return Problem(code=code, what=what, remedy=remedy, file=self.file, row=self.line(location))


class _RefusedError(Exception):
    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.what, self.line = what, line


def read_yaml(path: Path, *, name: str | None = None, code: ProblemCode = ProblemCode.RULE_INVALID) -> Document:
    """Reads one file; `name` is how messages call it. Raises RuleError with file and line."""
    file = name or path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RuleError(_problem(code, file, 1, f"文件超过 {MAX_BYTES // 1_000_000} MB", "请拆成几个主题文件"))
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RuleError(_problem(code, file, None, "找不到文件", "请检查路径")) from None
    except OSError as error:
        why = "没有读取的权限" if isinstance(error, PermissionError) else "不能读取"
        raise RuleError(_problem(code, file, None, why, "请检查文件和它的权限")) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise RuleError(_problem(code, file, line, "不是 UTF-8 编码", "请用 UTF-8 保存文件")) from None
    return replace(parse_yaml(text, file=file, code=code), folder=path.parent)


def dump_yaml(value: Any) -> str:
    """Plain values as YAML that `read_yaml` takes: what stands in several places is written in each of them."""
    text: str = yaml.dump(value, Dumper=_EachWritten, allow_unicode=True, sort_keys=False, width=120)
    return text


class _EachWritten(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - the signature is PyYAML's
        return True


def parse_yaml(text: str, *, file: str, code: ProblemCode = ProblemCode.RULE_INVALID) -> Document:
    """The same for text already in memory."""
    lines: dict[Location, int] = {}
    try:
        _check_events(text)
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        value = None if node is None else _construct(loader, node, (), lines)
    except _RefusedError as error:
        raise RuleError(_problem(code, file, error.line, error.what, "请改正这一行")) from None
    except yaml.MarkedYAMLError as error:
        unclosed = "end of stream" in (error.problem or "")
        mark = (error.context_mark if unclosed else None) or error.problem_mark
        line = mark.line + 1 if mark else 1
        what, remedy = why_unreadable(error.problem or "", text, line)
        raise RuleError(_problem(code, file, line, f"不是有效的 YAML:{what}", remedy)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise RuleError(_problem(code, file, None, f"不是有效的 YAML:{error}", "请检查文件内容")) from None
    return Document(file, value, lines)


def _problem(code: ProblemCode, file: str, line: int | None, what: str, remedy: str) -> Problem:
    return Problem(code=code, what=what, remedy=remedy, file=file, row=line)


def _check_events(text: str) -> None:
    """Aliases and depth are refused while scanning, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _RefusedError("不允许使用 YAML 锚点和别名(& 和 *)", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _RefusedError(f"嵌套超过 {MAX_DEPTH} 层", line)


def _construct(loader: yaml.SafeLoader, node: yaml.Node, at: Location, lines: dict[Location, int]) -> Any:
    lines.setdefault(at, node.start_mark.line + 1)
    if node.tag not in _PLAIN:
        raise _RefusedError(f"不允许使用 YAML 标签 {node.tag}", lines[at])
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise _RefusedError("键必须是文字", line)
            key = key_node.value
            if key in result:
                raise _RefusedError(f"键“{key}”重复出现", line)
            lines[(*at, key)] = line
            result[key] = _construct(loader, value_node, (*at, key), lines)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_construct(loader, child, (*at, i), lines) for i, child in enumerate(node.value)]
    return loader.construct_object(node)


_MESSAGES = {
    "missing": "缺少必填项",
    "extra_forbidden": "不认识的项",
    "string_type": "应为文字",
    "list_type": "应为列表",
    "dict_type": "应为键值",
    "model_type": "应为键值",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "date_type": "应为日期(2026-01-31)",
    "date_from_datetime_parsing": "应为日期(2026-01-31)",
    "too_short": "不能为空",
    "string_too_short": "不能为空",
}


def build(
    model: type[ModelT],
    document: Document,
    value: Any,
    at: Location,
    *,
    code: ProblemCode,
    beside: Iterable[str] = (),
) -> ModelT:
    """`value` (which stands at `at` in the document) as `model`. Raises RuleError with every problem and its line.

    `beside` are further keys that a person may have meant by one that is misspelt. Validators find the document's
    folder as `folder` in their context.
    """
    try:
        return model.model_validate(value, context={"folder": document.folder})
    except ValidationError as error:
        raise RuleError(_explain(model, document, at, code, e, beside) for e in error.errors()) from None


def _explain(
    model: type[BaseModel], document: Document, at: Location, code: ProblemCode, error: Any, beside: Iterable[str]
) -> Problem:
    location: Location = (*at, *error["loc"])
    name = _name(error["loc"])
    kind, context = error["type"], error.get("ctx", {})
    known: Iterable[str] = ()
    if kind in ("literal_error", "enum"):
        known = re.findall(r"'([^']*)'", context["expected"])
        what = f"“{name}”的值“{error['input']}”不可用,可用:{context['expected'].replace(' or ', ', ')}"
    elif kind == "value_error":
        what = f"“{name}”:{context['error']}" if name else str(context["error"])
    elif kind.startswith(("greater_than", "less_than")):
        bound = next(iter(context.values()))
        what = f"“{name}”的值 {error['input']} 超出范围(界限 {bound})"
    else:
        what = f"“{name}”{_MESSAGES.get(kind, error['msg'])}"
    if kind == "extra_forbidden":
        known = [*_keys(model, error["loc"][:-1]), *(beside if len(error["loc"]) == 1 else ())]
    near = nearest(name if kind == "extra_forbidden" else str(error["input"]), known)
    return document.problem(code, location, what, f"您是否想写“{near}”?" if near else "请对照规则手册改正")


def _keys(model: type[BaseModel], at: Location) -> list[str]:
    """The keys that may be written at a place below `model`, none where the place has no fixed keys."""
    current: Any = model
    for key in at:
        if isinstance(key, str) and isinstance(current, type) and issubclass(current, BaseModel):
            fields = {f.alias or n: f.annotation for n, f in current.model_fields.items()}
            current = _model_in(fields.get(key))
    is_model = isinstance(current, type) and issubclass(current, BaseModel)
    return [f.alias or n for n, f in current.model_fields.items()] if is_model else []


def _model_in(annotation: Any) -> Any:
    """The model that an annotation such as `tuple[Item, ...]` or `Flag | None` speaks of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for part in get_args(annotation) if (m := _model_in(part)) is not None), None)


def _name(location: Location) -> str:
    """The key that a person wrote; an entry of a list is named by its key and number."""
    if not location:
        return ""
    *above, last = location
    return f"{_name(tuple(above))} 第 {last + 1} 项" if isinstance(last, int) else last


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, None where none is near."""
    match = process.extractOne(name, list(known), score_cutoff=60)
    return match[0] if match else None
