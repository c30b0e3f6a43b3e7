"""Why a YAML file cannot be read, in words for people who write rules and no programs."""

from __future__ import annotations

import re

_FULL_WIDTH = dict(zip("：，【】｛｝“”‘’－", ": , [ ] { } \" \" ' ' -".split(), strict=True))
_KEY = re.compile(r"\s*(?:[-－]\s*)?[A-Za-z_]+\s*：")
_WHY = (
    (r"could not find expected ':'", "这里或上一行缺少冒号,或冒号后面没有空格", "请写成“项: 内容”"),
    (r"mapping values are not allowed", "缩进不对,或一行里多了冒号", "请对齐缩进;内容里有冒号时给内容加引号"),
    (r"expected <block end>", "缩进或引号与上下文不合", "请与同一层的各行对齐;引号里的话不要再用同一种引号"),
    (
        r"expected ',' or|expected the node content, but found '[,\]}]'|did not find expected ',' or",
        "方括号或花括号里缺少逗号,或没有写完",
        "请用英文逗号隔开各项,并写上右括号",
    ),
    (r"unexpected end of stream|found unexpected document", "引号没有成对", "请补上另一半引号"),
    (r"unknown escape character", "双引号里的反斜杠另有含义", "请改用单引号,例如 '\\d+'"),
    (r"cannot start any token|expected alphabetic or numeric", "内容以特殊符号(% @ ` & * 等)开头", "请给内容加引号"),
)


def why_unreadable(problem: str, text: str, line: int) -> tuple[str, str]:
    """What is wrong and what to do, from PyYAML's problem at the 1-based `line` of `text`."""
    lines = text.splitlines()
    here = lines[max(0, line - 2) : line]
    if "\\t" in problem or any("\t" in row[: len(row) - len(row.lstrip())] for row in here):
        return "缩进用了 Tab", "请改用空格"
    what, remedy = next(
        ((what, remedy) for pattern, what, remedy in _WHY if re.search(pattern, problem)),
        (f"这一行附近写法不对({problem})", "请检查缩进、冒号和引号"),
    )
    mark = next((c for row in reversed(here) for c in row if c == "：" and _KEY.match(row)), None)
    mark = mark or next((c for c in here[-1] if c in _FULL_WIDTH), None) if here else None
    if mark:
        return f"{what};这里有中文标点“{mark}”", f"格式里的标点要用英文的:“{mark}”改成“{_FULL_WIDTH[mark]}”"
    return what, remedy
