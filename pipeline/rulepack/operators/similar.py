"""The operator on what is said in other words: `similar`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, field_validator

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.operators.meaning import Example, Word, example, is_negative
from pipeline.rulepack.operators.sentences import Sentence, heard, outcome_of, sentences
from pipeline.rulepack.operators.words import with_text
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params, Text
from pipeline.rulepack.view import SPEAKER_NAMES, CallView, Hit, Outcome, Stance, text_hit

DOUBT_BELOW = 0.05
"""A sentence that misses the threshold by less than this is doubtful."""
_BY_SOUND = 0.8
_ALL_CHARACTERS = 0.7
_SOME_CHARACTERS = 0.5
_DENIED = 0.6
_BEFORE = 3


class SimilarParams(Params):
    """`similar`: the examples; `threshold`: how much of an example must be said, 0 to 1; `unless`: phrases that excuse.

    A sentence in which one of `unless` is said does not count.
    """

    similar: Annotated[tuple[Text, ...], Field(min_length=1)]
    threshold: Annotated[float, Field(ge=0.4, le=1)] = 0.6
    unless: tuple[Text, ...] = ()

    @field_validator("similar", "unless")
    @classmethod
    def _has_text(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return with_text(written)

    @property
    def indexed_phrases(self) -> tuple[str, ...]:
        return (*(seed for e in self.similar for seed in example(e).seeds), *self.unless)


@dataclass(frozen=True, slots=True)
class _Likeness:
    """`[start, end)` of a turn says `score` (0 to 1) of an example."""

    turn: int
    start: int
    end: int
    score: float
    example: Example


def similar(params: SimilarParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when a sentence says about the same as one of the examples.

    Compared are words: how much of an example, by the weight of its words, is said within about its length, whatever
    else stands there. A word also counts in another form for the same (a short list: 退款 and 退钱), by sound a little
    less, and by its characters less again; where one of the two denies what the other says, the score falls.
    A sentence that misses the threshold by less than `DOUBT_BELOW` is doubtful.

    It understands nothing: a paraphrase that shares no telling word with any example is not found; irony, conditions
    and who does what to whom are not seen. Of 50 made paraphrases on which nothing was tuned the default threshold
    found 26, and of 50 near misses it took 4 for the same. So write several examples in different words, and near
    misses as cases. What is found is as sure as it is like: where a finding costs, less than 0.6 is always doubtful.
    """
    found = view.once(("similar", params.similar, params.unless), lambda v: _likenesses(v, params))
    turns = set(region.turn_indexes)
    sure: list[Hit] = []
    doubtful: list[Hit] = []
    for each in found:
        if (
            each.score >= params.threshold - DOUBT_BELOW
            and each.turn in turns
            and region.holds((each.turn, each.start))
        ):
            (sure if each.score >= params.threshold else doubtful).append(_hit(view, each))
    some = "、".join(f"“{e}”" for e in params.similar[:2]) + ("等" if len(params.similar) > 2 else "")
    note = f"{SPEAKER_NAMES[region.speaker]}说与{some}意思相近的话"
    return outcome_of(sure, region, stance, note, doubtful=doubtful)


def _likenesses(view: CallView, params: SimilarParams) -> tuple[_Likeness, ...]:
    """The best likeness of each sentence that holds a seed of an example; the index has found the seeds already."""
    best: dict[Sentence, _Likeness] = {}
    for written in params.similar:
        each = example(written)
        for sentence, start, end in _windows(view, each):
            likeness = _compare(view, each, sentence, start, end)
            if sentence not in best or likeness.score > best[sentence].score:
                best[sentence] = likeness
    excused = {(h.turn, h.start) for p in params.unless for h in view.hits.of(p) if h.kind is not MatchKind.CLOSE}
    return tuple(
        likeness
        for sentence, likeness in best.items()
        if not any(turn == sentence.turn and sentence.start <= at < sentence.end for turn, at in excused)
    )


def _windows(view: CallView, each: Example) -> Iterator[tuple[Sentence, int, int]]:
    """The neighbourhoods of the seeds: an example's length to both sides, within the sentence."""
    hits = {(h.turn, h.start, h.end) for s in each.seeds for h in view.hits.of(s) if h.kind is not MatchKind.CLOSE}
    if not hits:
        return
    by_turn = view.once("sentences by turn", _by_turn)
    for turn, start, end in sorted(hits):
        sentence = by_turn[turn][bisect_right(by_turn[turn], start, key=lambda s: s.end)]
        yield sentence, max(sentence.start, start - len(each.text)), min(sentence.end, end + len(each.text))


def _by_turn(view: CallView) -> dict[int, list[Sentence]]:
    found: dict[int, list[Sentence]] = {}
    for sentence in sentences(view):
        found.setdefault(sentence.turn, []).append(sentence)
    return found


def _compare(view: CallView, each: Example, sentence: Sentence, start: int, end: int) -> _Likeness:
    text = view.normal[sentence.turn].text[start:end]
    if (at := text.find(each.text)) >= 0:
        return _Likeness(sentence.turn, start + at, start + at + len(each.text), 1.0, each)
    begin = view.joined.begins[sentence.turn]
    sound = view.joined.sound[begin + start : begin + end]
    said = 0.0
    first, last = len(text), 0
    for word in each.words:
        credit, at, stop = _said(word, text, sound)
        said += word.weight * credit
        if credit >= _BY_SOUND:
            first, last = min(first, at), max(last, stop)
    if first >= last:
        return _Likeness(sentence.turn, start, end, 0.0, each)
    score = said / each.total
    if is_negative(text[max(0, first - _BEFORE) : last]) != each.negative:
        score *= _DENIED
    return _Likeness(sentence.turn, start + first, start + last, round(score, 3), each)


def _said(word: Word, text: str, sound: str) -> tuple[float, int, int]:
    """How much of a word is said, and where."""
    for form in word.forms:
        if (at := text.find(form)) >= 0:
            return 1.0, at, at + len(form)
    main = word.forms[0]
    if len(main) == 1:
        return 0.0, 0, 0
    if (at := sound.find(word.sound)) >= 0:
        return _BY_SOUND, at, at + len(main)
    share = sum(c in text for c in main) / len(main)
    return (_ALL_CHARACTERS if share == 1 else _SOME_CHARACTERS * share), 0, 0


def _hit(view: CallView, each: _Likeness) -> Hit:
    return text_hit(
        view, each.turn, each.start, each.end,
        match=MatchKind.MEASURE,
        confidence=round(each.score * heard(view, each.turn, each.start, each.end), 3),
        wanted=each.example.written,
        explained=f",与例句“{each.example.written}”意思相近({each.score:.0%})",
    )  # fmt: skip
