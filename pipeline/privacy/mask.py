"""Finds and masks personal data in what people say and write.

Mobile and landline numbers, resident identity numbers, bank cards, other long numbers and e-mail addresses are found
whether they are written in digits or spoken (幺三八零零…), in any mixture of the two, with the pauses, dashes and
fillers that dictation leaves in them. Hotlines (12315, 400-…), times, dates and amounts are not personal.

What is *not* claimed: names and addresses are not found, nor a number of which fewer than seven digits are said in
one go; and a few digits beside four stars or more are taken for the ends of a number that is masked already. Where it
is doubtful whether a long number is personal it is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.privacy.numbers import find_numbers
from pipeline.privacy.personal import DIGITS, PersonalData, PersonalKind, fold

_ADDRESSES = re.compile(r"[A-Za-z0-9._%+@\-]++")
_DOMAIN = re.compile(r"[A-Za-z0-9\-]++(?:\.[A-Za-z0-9\-]++)*\.[A-Za-z]{2,}")
_TELLING_DIGITS = 7
"""A mail domain with as many digits could itself be somebody's number."""


def find(text: str) -> tuple[PersonalData, ...]:
    """All personal data in `text`, in order, not overlapping. Takes time linear in the length of `text`."""
    folded = fold(text)
    mails = list(_mails(folded)) if "@" in folded else []
    numbers = find_numbers(_starred(folded, mails))
    return tuple(sorted([*mails, *numbers], key=lambda found: found.start))


def mask(text: str) -> str:
    """`text` with the telling part of personal data starred: `138****8000`, `6222 **** **** 1234`, `z***@qq.com`.

    As long as `text`, so that spans into it stay true. Masking twice is the same as masking once.
    """
    return _starred(text, find(text))


def _starred(text: str, found: Sequence[PersonalData]) -> str:
    """Of a number only the digits go (and the X of an identity number); what separates them stays."""
    pieces: list[str] = []
    at = 0
    for data in found:
        hidden = text[data.hidden_start : data.hidden_end]
        if data.kind is PersonalKind.EMAIL:
            stars = "*" * len(hidden)
        else:
            stars = "".join("*" if f in DIGITS or f in "Xx" else c for f, c in zip(fold(hidden), hidden, strict=True))
        pieces += [text[at : data.hidden_start], stars]
        at = data.hidden_end
    return "".join([*pieces, text[at:]])


def _mails(folded: str) -> Iterator[PersonalData]:
    """Addresses; where several hang together it cannot be told where one ends, and all of it is hidden."""
    for match in _ADDRESSES.finditer(folded):
        local, *domains = match.group().split("@")
        found = [_DOMAIN.match(domain) for domain in domains]
        start, end = match.span()
        if len(domains) > 1 and any(found):
            yield PersonalData(PersonalKind.EMAIL, start, end, start, end)
        elif local and domains and found[0]:
            domain = found[0].group()
            at = start + len(local)
            end = at + 1 + len(domain)
            telling = sum(c in DIGITS for c in domain) >= _TELLING_DIGITS
            shown = len(local) > 1 and local[0].isalpha()
            yield PersonalData(PersonalKind.EMAIL, start, end, start + shown, end if telling else at)
