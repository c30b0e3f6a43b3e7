"""How a call's emotion runs, and what it shows of the people in it: every figure with the signs that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """One turn of the curve. `valence` is −1 (angry) to 1 (satisfied), 0 is calm; `smoothed` is that among neighbours.

    `weight`, 0 to 1, is how much the turn says: a bare 嗯 next to nothing.
    """

    turn: int
    valence: float
    smoothed: float
    weight: float


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """From `turn` on the level of the curve is another: the mean valence up to here and from here on."""

    turn: int
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCourse:
    """One side's emotion over a call, of the turns that were judged; `peak` and `end` as in `EmotionCourse`."""

    role: Role
    points: tuple[CurvePoint, ...]
    changes: tuple[ChangePoint, ...]
    peak: EmotionLabel
    peak_turn: int | None
    end: EmotionLabel


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """Whether the customer felt better once the agent had shown empathy in `empathy_turn`.

    `before` and `after` are the customer's mean valence in the turns on either side of it, `turns` after how many
    turns of the customer it had risen, None where it did not rise.
    """

    empathy_turn: int
    before: float
    after: float
    turns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmpathyOrder:
    """Whether the agent showed empathy before offering a solution to an upset customer; `kept` is None if not judged.

    The turns are where each first happened, None where it did not. `reason` says in Chinese how the answer came about.
    """

    kept: bool | None
    reason: str
    upset_turn: int | None = None
    empathy_turn: int | None = None
    solution_turn: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCourse:
    """The course of both sides; None for one of which nothing was judged.

    `recovery` is None where there is nothing to tell, and `recovery_reason` then says why, in Chinese.
    """

    customer: SideCourse | None
    agent: SideCourse | None
    empathy_turns: tuple[int, ...]
    order: EmpathyOrder
    recovery: Recovery | None
    recovery_reason: str


class TraitKind(StrEnum):
    """What is told of a customer, and of `out_of_control` of either side."""

    IMPATIENT = "impatient"
    UNREASONABLE = "unreasonable"
    PREMIUM = "premium"
    TALKATIVE = "talkative"
    DISSATISFIED = "dissatisfied"
    THREAT_COMPLAINT = "threat_complaint"
    THREAT_REGULATOR = "threat_regulator"
    THREAT_LEGAL = "threat_legal"
    THREAT_MEDIA = "threat_media"
    OUT_OF_CONTROL = "out_of_control"


class Grade(StrEnum):
    """How far something is shown. `undetermined`: no sign of it could be measured, which is not `none`."""

    NONE = "none"
    SIGNS = "signs"
    CLEAR = "clear"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing that was measured for a trait.

    `value` (in `unit`) counts from `threshold` on; None was not measured, which is not absent. `strength` is how
    strongly it shows, 0 to 1, None likewise. `weight`, 0 to 1, is how strong the trait can get by this sign alone.
    `turns` are the evidence; `explanation` tells a person, in Chinese, what was found or why nothing could be.
    """

    code: str
    title: str
    unit: str
    threshold: float
    weight: float
    value: float | None
    strength: float | None
    turns: tuple[int, ...] = ()
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """What the signs add up to. `strength`, 0 to 1, is by what was measured; `strength_at_most` what it would be if
    every sign that could not be measured were there in full.
    """

    kind: TraitKind
    role: Role
    grade: Grade
    strength: float
    strength_at_most: float
    signs: tuple[Sign, ...]
    explanation: str

    @property
    def turns(self) -> tuple[int, ...]:
        """The turns that show it, in order."""
        return tuple(sorted({turn for sign in self.signs if sign.strength for turn in sign.turns}))
