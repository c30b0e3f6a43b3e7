"""The questions of a call: where they are and of which type, by their words and their question marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, zip_longest

from pipeline.rulepack.operators.sentences import Sentence, sentences
from pipeline.rulepack.patterns import compiled
from pipeline.rulepack.view import CallView


class QuestionType(StrEnum):
    """What kind of answer a question wants; see `question`."""

    OPEN = "open"
    CLOSED = "closed"
    LEADING = "leading"
    REFLECTIVE = "reflective"


@dataclass(frozen=True, slots=True)
class Question:
    """A question in `[start, end)` of a turn's normalised text. `marked` is False where it may be none."""

    turn: int
    start: int
    end: int
    type: QuestionType
    marked: bool


_ASKED = "(?:什么|啥|怎么|怎样|咋|如何|为何|哪|谁|多少|多久|多长|多大|多远|几|何时|何处)"
_YOU = "[您你]"
_A_NOT_A = (
    "(?:是不是|有没有|能不能|会不会|要不要|可不可以|可以不可以|行不行|好不好|对不对|需不需要|方不方便"
    "|方便不方便|愿不愿意|想不想|用不用|在不在|知不知道|是否|能否|可否)"
)

# Each pattern is looked for in all sentences of a call at once, each in its own line: `$` is a sentence's end.
_MARKS = {
    "open": r"(?:什么|啥|怎么|怎样|咋|如何|为何|哪|谁|多少|多久|多长|多大|多远|何时|何处)"
    r"|几(?:点|号|天|个|次|位|月|岁|楼|件|单|块|年|分|张|台|层|栋|期|折)",
    # Open whatever comes after them.
    "offer": rf"什么(?:需要|问题)?(?:可以|能|要|需要)?[^\n]{{0,4}}帮[到助忙]?{_YOU}"
    rf"|什么(?:可以|能)?为{_YOU}(?:服务|效劳|做)"
    rf"|(?:请|麻烦|能否|能不能|可否|可以|方便){_YOU}?[^\n]{{0,6}}(?:描述|讲讲|说说|谈谈|形容|具体说|详细说|具体讲|详细讲"
    r"|具体细节|具体情况|详细情况|更多细节|更多信息)",
    "closed": rf"吗|{_A_NOT_A}|是[^\n]{{1,12}}还是|(?:了|过|好|到|有)没有?$|(?:可以|行|好|在)不$",
    "soft": r"(?:是|对|好|行|可以|有|在|能|会|了|的)[嘛么]$",
    "tag": r"(?:对|是|没错|没问题)吧|不是吗|(?:对不对|是不是|对不|是不)(?:啊|呀|呢)?$",
    "rhetoric": rf"难道|难不成|不就是[^\n]{{1,15}}吗|{_YOU}不(?:觉得|认为|应该)[^\n]{{1,15}}吗"
    r"|怎么(?:能|会|可能|可以)[^\n]{1,15}呢$",
    "suggest": r"(?:应该|肯定|一定|大概|估计|不会)[^\n]{1,15}吧$",
    "frame": rf"{_YOU}(?:的意思|是想说|是想表达|是说)|(?:这样|这么)理解|如果我没有?(?:理解|听)错|听起来{_YOU}"
    rf"|也就是说{_YOU}|我(?:的理解是|理解的是|理解得)",
    # Only with a question word behind it.
    "recall": rf"{_YOU}刚[才刚]?(?:说|讲|提到|反映|反馈)|(?:根据|按照?){_YOU}(?:的?描述|说的|刚才)|总结一下",
}  # fmt: skip
_NO_QUESTION = (
    rf"(?:没有?|无|不是|不管|无论|不论|任何|随便|不){_YOU}?[有是用]?{_ASKED}|什么的|什么什么|那个什么"
    rf"|好不好意思|(?:理解|明白|了解|清楚|知道|懂)了?{_YOU}的意思|(?:什么|哪)呢因为|(?:如果|要是|假如)[^\n]{{0,14}}{_ASKED}"
    r"|哪怕|谁知|多少(?:有点|会|还是)"
    rf"|{_ASKED}(?:样|里|儿|个|些|时候|人|点|问题|情况|事)?{_YOU}?[都也]"
    rf"|有(?:什么|任何|啥)[^\n]{{0,10}}(?:随时|欢迎|再联系|再打|再来|致电|拨打|请联系|都可以|可以联系|可以再)"
    r"|怎么(?:会|能|可能|可以|这样|这么|那么)|(?:干|为)什么的"
    r"|(?:过|这|那|前|后|好|头|十|[0-9]|等|有|近|最近|上|下)几|几[十百千万]"
    r"|几个?(?:工作日|天|小时|分钟|月|年)(?:之?内|以内|左右|之?后|以后)"
    rf"|我(?:也|都|真的?|确实)?不(?:知道|清楚|明白|懂|会)[^\n]{{0,6}}{_ASKED}"
)
_INDIRECT = (
    r"(?:知道|教|告诉|说明|了解|查|看|明白|清楚|核实|确认|记得|问一下|问下|问问|去问)[^\n]{0,6}"
    rf"(?:{_ASKED}|{_A_NOT_A})"
)
_MAY_BE_NONE = frozenset({"open", "closed", "frame"})
_REACH = {"frame": 30, "recall": 30, "rhetoric": 15}
"""How far behind one mark the next may stand and still belong to the same question; after another, `_NEAR`."""
_NEAR = 8
_LEAD = 12
_LONGEST = 40
_ENDS = re.compile("吗|.*吧|不是吗")


@dataclass(frozen=True, slots=True)
class _Mark:
    """A word or pattern that makes a question; `indirect` where it may be in a clause that asks nothing."""

    kind: str
    start: int
    end: int
    said: str
    indirect: bool


def questions(view: CallView) -> tuple[Question, ...]:
    """The questions of a call in order of place; found once for a call."""
    return view.once("questions", lambda v: tuple(_questions(v)))


def _questions(view: CallView) -> Iterator[Question]:
    found = sentences(view)
    texts = [view.normal[s.turn].text[s.start : s.end] for s in found]
    text = "\n".join(texts)
    begins = [0, *accumulate(len(t) + 1 for t in texts)]
    marks: dict[int, list[_Mark]] = {}
    for mark in _marks(text):
        marks.setdefault(bisect_right(begins, mark.start) - 1, []).append(mark)
    for number, sentence in enumerate(found):
        if number not in marks and not sentence.asked:
            continue
        offset = sentence.start - begins[number]
        yield from _in_sentence(sentence, marks.get(number, []), offset, texts[number])


def _marks(text: str) -> list[_Mark]:
    """Every mark in order of place, without those in what asks nothing."""
    never = _covered(_NO_QUESTION, text)
    indirect = _covered(_INDIRECT, text)
    found = [
        _Mark(kind, m.start(), m.end(), m.group(), m.end() - 1 in indirect)
        for kind, pattern in _MARKS.items()
        for m in compiled(pattern).finditer(text)
        if not (kind in _MAY_BE_NONE and m.start() in never)
    ]
    return sorted(found, key=lambda m: (m.start, -m.end, m.kind))


def _covered(pattern: str, text: str) -> set[int]:
    return {at for m in compiled(pattern).finditer(text) for at in range(*m.span())}


def _in_sentence(sentence: Sentence, marks: list[_Mark], offset: int, text: str) -> Iterator[Question]:
    groups = list(_groups(marks))
    floor = sentence.start
    for group, following in zip_longest(groups, groups[1:]):
        asked = sentence.asked and following is None
        kind = _type(group, ended=text[-1:] if asked else "")
        last = max(m.end for m in group) + offset
        ceiling = following[0].start + offset if following else sentence.end
        if kind is not None:
            marked = asked or not all(m.indirect or m.kind in ("soft", "suggest") for m in group)
            first = group[0].start + offset
            start = floor if first - floor <= _LEAD else max(floor, min(first, last - _LONGEST))
            # A question goes on behind an open word, to the sentence's end where that is near.
            end = last if _ENDS.fullmatch(group[-1].said) else min(ceiling, last + _NEAR)
            yield Question(sentence.turn, start, max(end, last), kind, marked)
        floor = last
    if sentence.asked and not groups:
        kind, marked = QuestionType.CLOSED, False
        if text.endswith(("吧", "呢")):
            kind, marked = (QuestionType.LEADING if text.endswith("吧") else QuestionType.OPEN), True
        yield Question(sentence.turn, max(sentence.start, sentence.end - _LONGEST), sentence.end, kind, marked)


def _groups(marks: Iterable[_Mark]) -> Iterator[list[_Mark]]:
    """The marks of one question together."""
    group: list[_Mark] = []
    reach = 0
    for mark in marks:
        if group and (mark.start > reach or (_ENDS.fullmatch(group[-1].said) and mark.start >= group[-1].end)):
            yield group
            group, reach = [], 0
        group.append(mark)
        reach = max(reach, mark.end + _REACH.get(mark.kind, _NEAR))
    if group:
        yield group


def _type(group: list[_Mark], *, ended: str) -> QuestionType | None:
    """The type of a question with these marks; `ended` is the last character before its question mark, if any."""
    kinds = {m.kind for m in group}
    answers = kinds & {"closed", "soft", "tag", "suggest"} or ended == "吧"
    if ("frame" in kinds and (answers or "open" not in kinds)) or ("recall" in kinds and answers):
        return QuestionType.REFLECTIVE
    if kinds & {"tag", "rhetoric", "suggest"} or ended == "吧":
        return QuestionType.LEADING
    if "offer" in kinds:
        return QuestionType.OPEN
    if kinds & {"closed", "soft"}:
        return QuestionType.CLOSED
    return QuestionType.OPEN if "open" in kinds else None
