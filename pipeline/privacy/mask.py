"""Finds and masks personal data in what people say and write.

Mobile and landline numbers, resident identity numbers, bank cards, other long numbers and e-mail addresses are found
whether they are written in digits or spoken (幺三八零零…), in any mixture of the two, with the pauses, dashes and
fillers that dictation leaves in them. Hotlines (12315, 400-…), times, dates and amounts are not personal.

What is *not* claimed: names and addresses are not found, nor a number of which fewer than seven digits are said in
one go. Where it is doubtful whether a long number is personal it is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.privacy.numbers import find_numbers
from pipeline.privacy.personal import DIGITS, PersonalData, PersonalKind, fold

# The part before the @ must be looked for from its start: the possessive quantifiers keep that linear.
_LOCAL = re.compile(r"[A-Za-z0-9._%+\-]++@")
_DOMAIN = re.compile(r"[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)++")
_TELLING_DIGITS = 7
"""A mail domain with as many digits could itself be somebody's number."""


def find(text: str) -> tuple[PersonalData, ...]:
    """All personal data in `text`, in order, not overlapping. Takes time linear in the length of `text`."""
    folded = fold(text)
    mails = list(_mails(folded)) if "@" in folded else []
    pieces: list[str] = []
    at = 0
    for mail in mails:
        pieces += [folded[at : mail.start], "@" * (mail.end - mail.start)]
        at = mail.end
    numbers = find_numbers("".join([*pieces, folded[at:]]))
    return tuple(sorted([*mails, *numbers], key=lambda found: found.start))


def mask(text: str) -> str:
    """`text` with the telling part of personal data starred: `138****8000`, `6222 **** **** 1234`, `z***@qq.com`.

    As long as `text`, so that spans into it stay true. Masking twice is the same as masking once.
    """
    pieces: list[str] = []
    at = 0
    for found in find(text):
        hidden = text[found.hidden_start : found.hidden_end]
        stars = "*" * len(hidden) if found.kind is PersonalKind.EMAIL else _starred(hidden)
        pieces += [text[at : found.hidden_start], stars]
        at = found.hidden_end
    return "".join([*pieces, text[at:]]) if pieces else text


def _starred(number: str) -> str:
    """The digits (and the X of an identity number) go; what separates them stays."""
    folded = fold(number)
    return "".join("*" if f in DIGITS or f in "Xx" else c for f, c in zip(folded, number, strict=True))


def _mails(folded: str) -> Iterator[PersonalData]:
    at = 0
    while local := _LOCAL.search(folded, at):
        at = local.end()
        domain = _DOMAIN.match(folded, at)
        if domain is None:
            continue
        telling = sum(c in DIGITS for c in domain.group()) >= _TELLING_DIGITS
        at = domain.end()
        first = local.start() if local.end() - local.start() <= 2 else local.start() + 1  # noqa: PLR2004
        hidden_end = domain.end() if telling else local.end() - 1
        yield PersonalData(PersonalKind.EMAIL, local.start(), domain.end(), first, hidden_end)
