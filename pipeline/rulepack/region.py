"""Where a check looks: the speaker, the part of the call, and the neighbourhood of another check's hit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipeline.domain.transcript import MIN_ROLE_CONFIDENCE, Quarantine, Role
from pipeline.domain.verdict import Severity
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.schema import Anchor, Extent, Scope
from pipeline.rulepack.view import MIN_CLARITY, CallView, NotJudgedError, Outcome

_TELLING_CHARACTERS = 4
"""A shorter turn (嗯好的) holds no phrase whose absence would be held against anyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The part of a call that a check looks at.

    `turn_indexes` are the speaker's turns that can hold a hit. `doubtful` is True when the region hangs on a
    doubtful hit of another check: then nothing found in it is sure. `missing` names an anchor that did not occur.
    `every_hit` is False where one sure hit says as much as several.
    `severity` is that of the rule that looks: the graver, the surer a hit must be.
    """

    view: CallView
    speaker: Role | None
    same_turn: bool
    turn_indexes: tuple[int, ...]
    turn_set: frozenset[int]
    every_hit: bool = True
    doubtful: bool = False
    missing: str | None = None
    severity: Severity = Severity.MINOR
    anchored: tuple[Callable[[tuple[int, int]], bool], ...] = ()

    def holds(self, begin: tuple[int, int]) -> bool:
        """Whether a hit that begins at `(turn, character)` lies in the region."""
        return self.missing is None and all(test(begin) for test in self.anchored)

    def sure_of_speaker(self, turn: int) -> bool:
        """Whether what is found in this turn was said by the one whom the check is about."""
        return self.speaker is None or self.view.turns[turn].role_confidence >= MIN_ROLE_CONFIDENCE

    def require_clear_speech(self) -> None:
        """Raises NotJudgedError where the region's speech is too unclear to say that something was *not* said."""
        if self.view.plain:
            return
        if self.speaker is not None and any(
            not self.sure_of_speaker(turn.index) and sum(map(str.isalnum, turn.text)) >= _TELLING_CHARACTERS
            for turn in self.view.turns
        ):
            raise NotJudgedError(Truth.UNJUDGED, "有的话分不清是谁说的,不能断定没有说")
        turns = [
            self.view.turns[i] for i in self.turn_indexes if self.view.turns[i].quarantine is not Quarantine.CROSSTALK
        ]
        if any(t.quarantined for t in turns):
            raise NotJudgedError(Truth.UNJUDGED, "这一段有识别不可靠的内容,不能断定没有说")
        probabilities = [w.probability for t in turns for w in t.words]
        if probabilities and sum(probabilities) / len(probabilities) < MIN_CLARITY:
            raise NotJudgedError(Truth.UNJUDGED, "这一段语音识别的把握太低,不能断定没有说")


def resolve(
    scope: Scope,
    view: CallView,
    anchor_outcome: Callable[[str], Outcome],
    *,
    every_hit: bool = True,
    severity: Severity = Severity.MINOR,
) -> Region:
    """The region of `scope` on this call. Raises NotJudgedError where roles or times are needed and not known."""
    place = (*scope.place, every_hit, severity)
    if place not in view.regions:
        view.regions[place] = _unanchored(scope, view, every_hit=every_hit, severity=severity)
    region = view.regions[place]
    return _anchored(region, scope, anchor_outcome) if scope.anchors else region


def _unanchored(scope: Scope, view: CallView, *, every_hit: bool, severity: Severity) -> Region:
    speaker = scope.speaker
    if speaker is not None and not view.transcript.roles_known:
        raise NotJudgedError(Truth.UNJUDGED, view.transcript.roles_note or "没有写明说话人,分不出客服和客户")
    indexes = [t.index for t in view.turns if speaker is None or t.role is speaker]
    if scope.within is not None:
        indexes = _part(scope, indexes, view)
    return Region(
        view=view,
        speaker=speaker,
        same_turn=scope.in_ == "turn",
        turn_indexes=tuple(indexes),
        turn_set=frozenset(indexes),
        every_hit=every_hit,
        severity=severity,
    )


def _anchored(region: Region, scope: Scope, anchor_outcome: Callable[[str], Outcome]) -> Region:
    """The part of a region that lies by the hits of other checks."""
    view, indexes = region.view, region.turn_indexes
    doubtful = False
    missing: str | None = None
    tests: list[Callable[[tuple[int, int]], bool]] = []
    for side, anchor in scope.anchors:
        outcome = anchor_outcome(anchor.check)
        if outcome.truth in (Truth.UNJUDGED, Truth.ABSENT):
            raise NotJudgedError(outcome.truth, outcome.note)
        hits = sorted(outcome.hits, key=lambda h: h.begin)
        number = {"first": 0, "last": len(hits) - 1}.get(str(anchor.hit))
        number = int(anchor.hit) - 1 if number is None else number
        if not 0 <= number < len(hits):
            missing = anchor.check
            indexes = ()
            continue
        doubtful = doubtful or outcome.truth is Truth.DOUBTFUL
        hit = hits[number]
        tests.append(_side_test(side, hit.begin, hit.finish))
        if anchor.within is not None:
            start_ms, end_ms = hit.start_ms, hit.end_ms
            tests.append(_near_test(anchor, view, (hit.begin[0], hit.finish[0]), (start_ms, end_ms)))
    indexes = tuple(i for i in indexes if all(t((i, 0)) or t((i, len(view.normal[i].text))) for t in tests))
    return replace(
        region,
        turn_indexes=indexes,
        turn_set=frozenset(indexes),
        doubtful=doubtful,
        missing=missing,
        anchored=tuple(tests),
    )


def _part(scope: Scope, indexes: list[int], view: CallView) -> list[int]:
    assert scope.within is not None
    first = scope.within.first is not None
    extent = scope.within.first or scope.within.last
    assert extent is not None
    if extent.turns is not None:
        return indexes[: extent.turns] if first else indexes[-extent.turns :]
    return [i for i in indexes if _in_time_part(i, first, extent, view)]


def _in_time_part(index: int, first: bool, extent: Extent, view: CallView) -> bool:
    turn = view.turns[index]
    end = view.transcript.duration_ms or max((t.end_ms or 0 for t in view.turns), default=0)
    if extent.percent is not None:
        if not view.transcript.has_times:
            share = (index + 0.5) / len(view.turns)
            return share <= extent.percent / 100 if first else share >= 1 - extent.percent / 100
        limit = end * extent.percent / 100
    else:
        assert extent.ms is not None
        limit = extent.ms
    if turn.start_ms is None or turn.end_ms is None:
        raise NotJudgedError(Truth.UNJUDGED, "没有时间信息,无法按时间取范围")
    return turn.start_ms < limit if first else turn.end_ms > end - limit


def _side_test(side: str, begin: tuple[int, int], finish: tuple[int, int]) -> Callable[[tuple[int, int]], bool]:
    if side == "after":
        return lambda place: place >= finish
    if side == "before":
        return lambda place: place < begin
    return lambda place: True  # noqa: ARG005 - around looks to both sides


def _near_test(
    anchor: Anchor, view: CallView, turns: tuple[int, int], times: tuple[int | None, int | None]
) -> Callable[[tuple[int, int]], bool]:
    extent = anchor.within
    assert extent is not None
    if extent.turns is not None:
        low, high = turns[0] - extent.turns, turns[1] + extent.turns
        return lambda place: low <= place[0] <= high
    if extent.ms is None:
        raise NotJudgedError(Truth.UNJUDGED, "after/before/around 的范围只能是轮数或时间")
    start_ms, end_ms = times
    if start_ms is None or end_ms is None or not view.transcript.has_times:
        raise NotJudgedError(Truth.UNJUDGED, "没有时间信息,无法按时间取范围")
    from_ms, to_ms = start_ms - extent.ms, end_ms + extent.ms

    def near(place: tuple[int, int]) -> bool:
        turn = view.turns[place[0]]
        assert turn.start_ms is not None
        assert turn.end_ms is not None
        return turn.start_ms <= to_ms and turn.end_ms >= from_ms

    return near
