"""How signs are graded and added up: the same for every type, so that one page can explain them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.domain.course import Grade, Sign, Trait, TraitKind
from pipeline.domain.transcript import Role
from pipeline.domain.wording import TRAIT_NAMES, figure, grade_name

SIGNS_FROM = 0.4
CLEAR_FROM = 0.7
"""From which strength a trait shows signs, and is clear. Chosen, with the weights, so that one weak sign alone is
nothing, and none but a trait's decisive sign makes it clear by itself."""

AT_THRESHOLD = 0.5
"""How strong a sign is where it just counts; it grows evenly to 1 at its `full`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignKind:
    """A thing that can be measured: it counts from `threshold`, in full from `full`, and carries up to `weight`."""

    code: str
    title: str
    unit: str
    threshold: float
    full: float
    weight: float

    def measured(self, value: float, turns: Sequence[int] = (), *, found: str = "") -> Sign:
        """The sign with this value; `found` are the words or places that a person is told."""
        strength = ramp(value, threshold=self.threshold, full=self.full)
        told = f"{self.title}:{figure(value, self.unit)}(从 {figure(self.threshold, self.unit)} 起算)"
        return self._sign(value, strength, tuple(turns), told + (f",{found}" if found and strength else ""))

    def unmeasured(self, why: str) -> Sign:
        """The sign where nothing can be measured, which is not absent."""
        return self._sign(None, None, (), f"{self.title}:无法测量({why})")

    def _sign(self, value: float | None, strength: float | None, turns: tuple[int, ...], told: str) -> Sign:
        return Sign(
            code=self.code,
            title=self.title,
            unit=self.unit,
            threshold=self.threshold,
            weight=self.weight,
            value=None if value is None else round(value, 3),
            strength=strength,
            turns=turns,
            explanation=told,
        )


def ramp(value: float, *, threshold: float, full: float) -> float:
    """0 below `threshold`, `AT_THRESHOLD` at it, 1 from `full` (which is not below it) on, and evenly between."""
    if value < threshold:
        return 0.0
    if value >= full:
        return 1.0
    return round(AT_THRESHOLD + (1 - AT_THRESHOLD) * (value - threshold) / (full - threshold), 3)


def added_up(shares: Sequence[float]) -> float:
    """1 − ∏(1 − s): signs strengthen each other, in whatever order, and never exceed 1.

    The rule for independent evidence of one direction in MYCIN (Shortliffe and Buchanan 1975).
    """
    left = 1.0
    for share in sorted(shares):
        left *= 1 - share
    return round(1 - left, 3)


def trait(kind: TraitKind, role: Role, signs: Sequence[Sign]) -> Trait:
    """What the signs add up to. Raises ValueError without a sign: there are no bare labels."""
    if not signs:
        raise ValueError(f"{kind}: a trait rests on signs")
    strength = added_up([s.weight * s.strength for s in signs if s.strength is not None])
    at_most = added_up([s.weight * (1.0 if s.strength is None else s.strength) for s in signs])
    grade = grade_of(strength)
    if all(s.strength is None for s in signs):
        grade = Grade.UNDETERMINED
    return Trait(
        kind=kind,
        role=role,
        grade=grade,
        strength=strength,
        strength_at_most=at_most,
        signs=tuple(signs),
        explanation=_explained(kind, grade, strength, at_most, signs),
    )


def grade_of(strength: float) -> Grade:
    """By the two limits."""
    return Grade.CLEAR if strength >= CLEAR_FROM else Grade.SIGNS if strength >= SIGNS_FROM else Grade.NONE


def _explained(kind: TraitKind, grade: Grade, strength: float, at_most: float, signs: Sequence[Sign]) -> str:
    name = grade_name(kind, grade)
    shown = sorted((s for s in signs if s.strength), key=lambda s: -s.weight * (s.strength or 0))
    parts = [f"{TRAIT_NAMES[kind]}:{name}" + ("" if grade is Grade.UNDETERMINED else f"(强度 {strength:.2f})")]
    parts += [s.explanation for s in shown]
    missing = [s.title for s in signs if s.strength is None]
    if missing:
        higher = grade is not Grade.UNDETERMINED and grade_of(at_most) is not grade
        parts.append(f"未能测量:{'、'.join(missing)}" + (f",测得后强度最多 {at_most:.2f}" if higher else ""))
    return ";".join(parts)
