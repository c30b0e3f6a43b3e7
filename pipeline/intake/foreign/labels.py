"""Labels before what somebody says: `客服: 您好`, `Agent:hello`, `说话人 1:…`."""

from __future__ import annotations

import re

from pipeline.intake.foreign.roles import named_role

# A name is short and holds no mark of a sentence. Marks of full width are escaped: they look like the others.
_MARKS = r":\uff1a,\uff0c。、?\uff1f!\uff01;\uff1b\"“”《》<>={}|/\\\n"
LABEL = rf"[^\s{_MARKS}'‘’.][^{_MARKS}]{{0,23}}"
COLON = r"[:\uff1a]"
_LABELLED = re.compile(rf"\s*(?:[-–—•*]\s{{0,3}})?({LABEL}?)\s{{0,3}}{COLON}(?!//)\s*(.*)", re.DOTALL)
_UNNAMED = re.compile(
    r"(?:说话人|发言人|讲话人|讲者|speaker|spk|voice)[\s_#-]{0,2}(?:\d{1,3}|[A-Z])|[A-F甲乙丙]", re.IGNORECASE
)


def tells_a_speaker(label: str) -> bool:
    """Whether the label is a role, or a speaker that is only numbered."""
    return named_role(label) is not None or _UNNAMED.fullmatch(label.strip()) is not None


def split_label(text: str) -> tuple[str, str] | None:
    """Any short label before a colon, and what follows it."""
    found = _LABELLED.fullmatch(text)
    return (found[1].strip(), found[2]) if found else None


def leading_label(text: str) -> tuple[str | None, str]:
    """The label that tells a speaker and the rest; None and the whole text where there is none."""
    found = split_label(text)
    return found if found and tells_a_speaker(found[0]) else (None, text)
