"""From what a file says to turns: times checked, texts cleaned, words found in their text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.domain.errors import ProblemCode
from pipeline.domain.transcript import Role, Word
from pipeline.intake.foreign.roles import roles_of
from pipeline.intake.foreign.spoken import Heard, Spoken, Spot
from pipeline.intake.place import Refusal, quoted
from pipeline.intake.said import Said
from pipeline.intake.values import MAX_TURN_MS, clean

_REACH_CHARS = 32  # how far ahead of the last word the next one is sought: over punctuation, and numbers written out
_SHOWN_FAULTS = 50  # of one file: more of them tell nothing new
_RETRY = "请核对转写系统导出的时间,或重新导出"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a transcript and where."""

    refusal: Refusal
    spot: Spot = Spot()  # noqa: RUF009 - frozen


class TranscriptError(Exception):
    """A transcript that cannot be used, with its faults: the first fifty, and how many more."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults[0].refusal.what)
        more = len(faults) - _SHOWN_FAULTS
        rest = Refusal(f"还有 {more} 处错误没有列出", _RETRY, code=faults[-1].refusal.code)
        self.faults = tuple(faults) if more <= 0 else (*faults[:_SHOWN_FAULTS], Fault(rest))


def settle(spoken: Sequence[Spoken], *, agent_channel: int) -> list[Said]:
    """The turns. What has no text is left out: recognisers write empty sentences for noise.

    Raises:
        TranscriptError: a time is negative, reversed or no number, or nothing was said.
    """
    faults = [Fault(refusal, one.spot) for one in spoken if (refusal := _fault(one))]
    if faults:
        raise TranscriptError(faults)
    said = [_said(one, role) for one, role in zip(spoken, roles_of(spoken, agent_channel=agent_channel), strict=True)]
    if not (kept := [one for one in said if one.text]):
        raise TranscriptError([Fault(_NOTHING)])
    return kept


_NOTHING = Refusal("转写里一句话也没有", "请确认录音里有人说话,或重新导出转写结果", code=ProblemCode.NO_CALLS)


def _fault(one: Spoken) -> Refusal | None:
    whats = [("这一句", one.start_ms, one.end_ms)]
    whats += [(f"词 {quoted(word.text)}", word.start_ms, word.end_ms) for word in one.words]
    for what, start_ms, end_ms in whats:
        if any(ms is not None and not 0 <= ms <= MAX_TURN_MS for ms in (start_ms, end_ms)):
            return Refusal(f"{what}的时间不是大于等于 0、一年以内的数字", _RETRY)
        if start_ms is not None and end_ms is not None and end_ms < start_ms:
            return Refusal(f"{what}的结束时间早于开始时间", _RETRY)
    return None


def _said(one: Spoken, role: Role) -> Said:
    text = clean(one.text).strip()
    words = found_words(text, one.words)
    start_ms, end_ms = (None if ms is None else round(ms) for ms in (one.start_ms, one.end_ms))
    if words and start_ms is None:
        start_ms = min(word.start_ms for word in words)
    if words and end_ms is None:
        end_ms = max(word.end_ms for word in words)
    return Said(role, text, start_ms, None if start_ms is None else end_ms, words)


def found_words(text: str, heard: Iterable[Heard]) -> tuple[Word, ...]:
    """The words that have times, each at its place in the text.

    Sought one after the other, case apart. A word that is not there (`five` where the text has `5`) is left out.
    """
    sought_in = _lower(text)
    words: list[Word] = []
    at = 0
    for one in heard:
        wanted = _lower(clean(one.text).strip())
        if not wanted or one.start_ms is None or one.end_ms is None:
            continue
        start = sought_in.find(wanted, at, at + _REACH_CHARS + len(wanted))
        if start >= 0:
            at = start + len(wanted)
            word = Word(text[start:at], round(one.start_ms), round(one.end_ms), one.probability, start, at)
            words.append(word)
    return tuple(words)


def _lower(text: str) -> str:
    """In lower case, unless that has another length (a Turkish İ): places must stay."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text
