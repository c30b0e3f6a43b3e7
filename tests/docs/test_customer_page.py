"""What the page on courses and customer types says is what the program does."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator

import pytest

from pipeline.domain.course import Grade
from pipeline.domain.emotion import OWN_SHARE
from pipeline.domain.wording import EMOTION_NAMES, TRAIT_NAMES, figure
from pipeline.emotion import changes, course_of_call, curve, manner, signs, threats
from pipeline.emotion.seen import SURE_EMOTION
from pipeline.emotion.signs import SignKind
from tests.docs.markdown import ROOT

PAGE = ROOT / "docs/zh/情绪与客户类型.md"
TEXT = PAGE.read_text(encoding="utf-8")


def _kinds() -> Iterator[tuple[str, SignKind]]:
    for path in sorted((ROOT / "pipeline/emotion").glob("*.py")):
        module = importlib.import_module(f"pipeline.emotion.{path.stem}")
        for kind in vars(module).values():
            if isinstance(kind, SignKind):
                yield path.stem, kind
    yield from (("threats", kind) for kind in threats.SIGNS.values())


@pytest.mark.parametrize(("module", "kind"), [pytest.param(m, k, id=f"{m} {k.code}") for m, k in _kinds()])
def test_each_sign_stands_in_the_page_with_its_limits_and_weight(module: str, kind: SignKind) -> None:
    row = f"| {kind.title} | {figure(kind.threshold, kind.unit)} | {figure(kind.full, kind.unit)} | {kind.weight:.0%} |"
    assert row in TEXT, f"{module}: {row}"


def test_the_page_has_no_sign_that_the_program_does_not_know() -> None:
    rows = re.findall(r"^\| (\S.*?) \|.*\d%? \|$", TEXT, re.MULTILINE)
    signs_of_page = [row for row in rows if row not in EMOTION_NAMES.values()]
    assert set(signs_of_page) - {"数值"} == {kind.title for _, kind in _kinds()}


def test_every_type_has_a_section() -> None:
    for name in TRAIT_NAMES.values():
        assert name.removesuffix("威胁") in "".join(re.findall(r"^### (.*)$", TEXT, re.MULTILINE)), name


@pytest.mark.parametrize(
    "said",
    [
        f"强度到 {signs.SIGNS_FROM:g} 是“有迹象”",
        f"到 {signs.CLEAR_FROM:g} 是“明显”",
        f"有把握（{SURE_EMOTION:.0%}）",
        f"单看这句把握不到 {OWN_SHARE:.0%} 的，不算",
        f"单看这句话就不满或愤怒（{OWN_SHARE:.0%}）",
        f"短于 {changes.MIN_TURNS} 句的起伏、相差不到 {changes.MIN_STEP:g} 的变化",
        f"{curve.FULL_SYLLABLES} 个字以上算足",
        f"之前 {course_of_call.BEFORE_TURNS} 句和之后最多 {course_of_call.AFTER_TURNS} 句",
        f"连讲 {manner.LONG_SYLLABLES} 字以上",
        f"双方合计不到 {manner.MIN_TALK_SYLLABLES} 字",
        "| 数值 | 1 | 0 | −1/3 | −2/3 | −1 |",
    ],
)
def test_each_figure_of_the_page_is_the_programs(said: str) -> None:
    assert said in TEXT


def test_the_example_of_the_page_adds_up() -> None:
    urging = manner.URGES.measured(4)
    assert urging.strength == pytest.approx(0.83, abs=0.005)
    strength = signs.added_up([urging.weight * (urging.strength or 0)])
    assert strength == pytest.approx(0.71, abs=0.005)
    assert signs.grade_of(strength) is Grade.CLEAR
