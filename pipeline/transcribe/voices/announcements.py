"""Announcements: what a machine says on the line, told by its words and where they stand.

Menus, queues, recording notices, unreachable numbers, surveys. The cues are in `announcement_cues.txt`. What pauses
of 0.3 s part is a stretch, and a stretch is an announcement as a whole or not at all; one with a word that people say
(我, 先生, 一下, 稍后对) never is, so that an agent who says how to press a key stays the agent. Where an announcement
and a person run together without a pause, all of it stays the person's.

On 339 real hotline calls (FOSAED, 18,046 turns) it takes two turns, both the network's hold announcement, and on 500
written service dialogues (CrossWOZ, 8,458 turns) none, with the speakers on two channels or on one. With announcements
of our own before, between and after their turns it takes all of those and no other (`benchmarks.announcements`); they
are no test of recall, having been written along with the cues.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from pipeline.text import normalise
from pipeline.transcribe.engine import HeardWord

PAUSE_MS = 300
"""From it on a pause parts two stretches."""
_BLOCK_MS = 6_000
"""A menu waits this long at most before it goes on."""
_LEAST_LETTERS = 6
"""On a shared channel a shorter stretch between two of an announcement may be the caller's answer (转人工); and a
greeting that says so much is no mere 您好 into a silent line."""
_CUES = Path(__file__).with_name("announcement_cues.txt")
_KEY = r"(?:[0-9]{1,10}|[零一二三四五六七八九十幺两]{1,10}|星号键?|井号键?)"
_GREETING = re.compile(r"您好|你好|早上好|上午好|中午好|下午好|晚上好")
_GOODBYE = re.compile(r"再见|拜拜")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Words `first` to `last` (exclusive) of a channel; which cues they hold."""

    first: int
    last: int
    start_ms: int
    end_ms: int
    text: str
    kinds: tuple[str, ...]
    live: bool

    @property
    def surely(self) -> bool:
        return not self.live and ("machine" in self.kinds or self.kinds.count("menu") > 1)

    def may_be(self, kind: str) -> bool:
        return kind in self.kinds and not self.live


def announcements(channels: Sequence[Sequence[HeardWord]]) -> list[list[bool]]:
    """Which words of each channel an announcement says. One channel holds both speakers, two hold one each."""
    parts = [tuple(_stretches(words)) for words in channels]
    sure = [[stretch.surely for stretch in own] for own in parts]
    found = []
    for side, own in enumerate(parts):
        others_ms = sorted(
            stretch.start_ms
            for other, stretches in enumerate(parts)
            if other != side
            for stretch, taken in zip(stretches, sure[other], strict=True)
            if not taken
        )
        taken = _Channel(own, others_ms, shared=len(parts) == 1).announced()
        words = [False] * len(channels[side])
        for stretch, machine in zip(own, taken, strict=True):
            words[stretch.first : stretch.last] = [machine] * (stretch.last - stretch.first)
        found.append(words)
    return found


def announcements_fingerprint() -> str:
    """Changes whenever what counts as an announcement could."""
    limits = f"{PAUSE_MS} {_BLOCK_MS} {_LEAST_LETTERS} {_KEY} {_GREETING.pattern} {_GOODBYE.pattern}"
    return hashlib.sha256(f"{limits} {_CUES.read_text(encoding='utf-8')}".encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class _Channel:
    """A channel's stretches; `others_ms`: when the other speakers begin to say something; `shared` with them or not."""

    own: Sequence[_Stretch]
    others_ms: Sequence[int]
    shared: bool

    def announced(self) -> list[bool]:
        taken = [stretch.surely for stretch in self.own]
        for block in self._blocks():
            if sum(self.own[i].kinds.count("menu") for i in block) > 1 or any(taken[i] for i in block):
                for i in block:
                    taken[i] |= self.own[i].may_be("menu")
        self._open(taken)
        self._close(taken)
        for block in self._blocks():
            known = [i for i in block if taken[i]]
            for before, after in pairwise(known):
                if not self.shared or (after - before == 2 and len(self.own[before + 1].text) >= _LEAST_LETTERS):
                    taken[before:after] = [True] * (after - before)
        return taken

    def _blocks(self) -> Iterator[list[int]]:
        """Runs of stretches that nobody interrupts and in which nothing is said that only people say."""
        block: list[int] = []
        for i, stretch in enumerate(self.own):
            last = self.own[block[-1]] if block else None
            if last and (stretch.live or self._parted(last, stretch)):
                yield block
                block = []
            if not stretch.live:
                block.append(i)
        if block:
            yield block

    def _parted(self, last: _Stretch, after: _Stretch) -> bool:
        answered = any(last.end_ms <= at < after.start_ms for at in self.others_ms)
        return answered or after.start_ms - last.end_ms > _BLOCK_MS

    def _open(self, taken: list[bool]) -> None:
        """Before anybody speaks."""
        until = self.others_ms[0] if self.others_ms else None
        front = []
        for i, stretch in enumerate(self.own):
            if stretch.live or (until is not None and stretch.end_ms > until):
                break
            front.append(i)
        last = max((i for i in front if taken[i] or "menu" in self.own[i].kinds), default=-1)
        for i in range(last + 1):
            taken[i] |= self._may_go_along(i)
        cued = [i for i in front if i > last]
        while cued and not self._introduces(cued, until):
            cued.pop()
        for i in cued:
            taken[i] = True

    def _introduces(self, front: list[int], until: int | None) -> bool:
        """Whether `front` holds only notices and welcomes, and ends with a notice after which a person greets."""
        after = front[-1] + 1
        if not self.own[front[-1]].may_be("notice") or after == len(self.own):
            return False
        greeting = self.own[after]
        unanswered = until is None or greeting.start_ms < until
        greets = _GREETING.match(greeting.text) and len(greeting.text) >= _LEAST_LETTERS
        return bool(unanswered and greets) and all(self.own[i].kinds for i in front)

    def _close(self, taken: list[bool]) -> None:
        """After the goodbye, when nobody else says anything any more."""
        goodbye = next((i for i, stretch in enumerate(self.own) if _GOODBYE.search(stretch.text)), None)
        if goodbye is None:
            return
        since = self.others_ms[-1] if self.others_ms else 0
        begun = False
        for i, stretch in enumerate(self.own):
            if i > goodbye and stretch.start_ms > since:
                cued = stretch.may_be("ending") or stretch.may_be("menu")
                begun |= taken[i] or cued
                taken[i] |= begun and (cued or "ending" in stretch.kinds or self._may_go_along(i))

    def _may_go_along(self, i: int) -> bool:
        """Whether a stretch may be an announcement's because of what is said before and after it."""
        return not self.own[i].live and (not self.shared or bool(self.own[i].kinds))


def _stretches(words: Sequence[HeardWord]) -> Iterator[_Stretch]:
    first = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or words[at].start_ms - words[at - 1].end_ms >= PAUSE_MS:
            yield _stretch(words, first, at)
            first = at


def _stretch(words: Sequence[HeardWord], first: int, last: int) -> _Stretch:
    text = normalise("".join(word.text for word in words[first:last])).text
    kinds: list[str] = []
    rest = text
    for kind, pattern in _cues().items():
        if kind == "live":
            continue
        rest = pattern.sub(" ", rest)
        if kind != "formal":
            kinds += [kind] * len(pattern.findall(text))
    live = bool(_cues()["live"].search(rest))
    return _Stretch(first, last, words[first].start_ms, words[last - 1].end_ms, text, tuple(kinds), live)


@cache
def _cues() -> dict[str, re.Pattern[str]]:
    """One pattern for each kind, the longest cues first."""
    patterns: dict[str, list[str]] = {}
    for line in _CUES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, words = line.split(maxsplit=1)
            patterns.setdefault(kind, []).append(_pattern(words))
    return {kind: re.compile("|".join(sorted(cues, key=len, reverse=True))) for kind, cues in patterns.items()}


def _pattern(words: str) -> str:
    special = {"*": ".{0,8}", "#": _KEY, "^": "^", "$": "$"}
    return "".join(special.get(part) or re.escape(normalise(part).text) for part in re.split(r"([*#^$])", words))
