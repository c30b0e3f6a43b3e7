"""Threats, from the findings of rules."""

from __future__ import annotations

import pytest

from pipeline.domain.course import Grade, Trait, TraitKind
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role
from pipeline.domain.verdict import Finding, MatchKind, Verdict, VerdictValue
from pipeline.emotion.threats import COMPLAINT_RULE, REGULATOR_RULE, threats
from tests.emotion.calls import C, seen, sign

V, S, P = VerdictValue.VIOLATED, VerdictValue.SUSPECTED, VerdictValue.PASSED


def found(rule: str, check: str, turn: int, matched: str, *, text: str = "", wanted: str = "") -> Finding:
    text = text or matched
    start = text.index(matched)
    return Finding(
        rule_id=rule,
        check=check,
        operator="regex",
        match=MatchKind.PATTERN,
        confidence=0.9,
        explanation=f"客户说“{matched}”",
        turn=turn,
        role=Role.CUSTOMER,
        char_start=start,
        char_end=start + len(matched),
        text=text,
        matched=matched,
        wanted=wanted,
    )


def verdict(rule: str, value: VerdictValue, *findings: Finding) -> Verdict:
    return Verdict(rule_id=rule, rule_version=1, value=value, reason="原因", findings=findings)


def told(kind: TraitKind, *verdicts: Verdict) -> Trait:
    call = seen(*[(C, "我想问一下怎么退货", EmotionLabel.CALM)] * 4, verdicts=verdicts)
    return next(t for t in threats(call) if t.kind is kind)


@pytest.mark.parametrize(
    ("check", "wanted", "kind"),
    [
        ("regulator", "", TraitKind.THREAT_REGULATOR),
        ("legal", "", TraitKind.THREAT_LEGAL),
        ("police", "", TraitKind.THREAT_LEGAL),
        ("media", "", TraitKind.THREAT_MEDIA),
        ("sound", "市场监管", TraitKind.THREAT_REGULATOR),
        ("sound", "我要报警", TraitKind.THREAT_LEGAL),
        ("sound", "媒体曝光", TraitKind.THREAT_MEDIA),
    ],
)
def test_each_kind_of_threat_is_told_by_what_the_rule_found(check: str, wanted: str, kind: TraitKind) -> None:
    judged = verdict(REGULATOR_RULE, V, found(REGULATOR_RULE, check, 2, "原话里的字", wanted=wanted))
    call = seen(*[(C, "我想问一下怎么退货", EmotionLabel.CALM)] * 4, verdicts=(judged,))
    others = [t for t in threats(call) if t.kind not in (TraitKind.THREAT_COMPLAINT, kind)]
    (mine,) = [t for t in threats(call) if t.kind is kind]
    assert (mine.grade, mine.turns) == (Grade.SIGNS, (2,))
    assert {(t.grade, t.turns) for t in others} == {(Grade.NONE, ())}


def test_the_words_are_told_and_two_places_are_clear() -> None:
    trait = told(
        TraitKind.THREAT_REGULATOR,
        verdict(
            REGULATOR_RULE,
            V,
            found(REGULATOR_RULE, "regulator", 1, "12315"),
            found(REGULATOR_RULE, "regulator", 3, "消协"),
        ),
    )
    assert trait.grade is Grade.CLEAR
    assert "客户说“12315”、“消协”" in trait.explanation


@pytest.mark.parametrize(
    ("text", "matched", "turns"),
    [
        ("我要投诉商家", "我要投诉", ()),
        ("你好我要投诉那个刚送来的外卖", "我要投诉", ()),
        ("上回我就投诉那家店下架了", "我就投诉", ()),
        ("我要投诉你们平台", "我要投诉", (2,)),
        ("找你们领导来说", "找你们领导", (2,)),
        ("今天再不给我处理我就去投诉", "去投诉", (2,)),
    ],
)
def test_a_complaint_is_a_threat_where_it_is_held_over_us(text: str, matched: str, turns: tuple[int, ...]) -> None:
    said = found(COMPLAINT_RULE, "complaint", 2, matched, text=text)
    assert told(TraitKind.THREAT_COMPLAINT, verdict(COMPLAINT_RULE, V, said)).turns == turns


@pytest.mark.parametrize(
    ("check", "text", "matched", "turns"),
    [
        ("regulator", "今天不修好我就找市场监管局", "市场监管局", (2,)),
        ("regulator", "物价局那边来检查过我们小区", "物价局", ()),
        ("regulator", "你们那个监管部门会去查他吗", "监管部门", ()),
        ("regulator", "到时候监管部门来查你们", "监管部门", (2,)),
        ("regulator", "管理局是这样的", "管理局", ()),
        ("regulator", "我打到管理局去", "管理局", (2,)),
        ("regulator", "上次找工商局那个单子我撤销了", "工商局", ()),
        ("regulator", "店家还有本事叫我去找消协", "消协", ()),
        ("legal", "我就去法院告你们", "去法院", (2,)),
        ("legal", "那我只能打官司了", "打官司", (2,)),
        ("legal", "我要起诉那家店", "起诉", ()),
        ("police", "我这就报警抓他", "报警", ()),
        ("police", "你们再骚扰我我就报警", "报警", (2,)),
        ("legal", "告到法院也不怕他就是这么说的", "告到法院", ()),
    ],
)
def test_an_office_or_a_court_is_a_threat_where_one_would_go_there_over_us(
    check: str, text: str, matched: str, turns: tuple[int, ...]
) -> None:
    kind = TraitKind.THREAT_REGULATOR if check == "regulator" else TraitKind.THREAT_LEGAL
    said = found(REGULATOR_RULE, check, 2, matched, text=text)
    assert told(kind, verdict(REGULATOR_RULE, V, said)).turns == turns


def test_to_report_a_shop_goes_to_a_regulator_and_not_to_court() -> None:
    judged = verdict(REGULATOR_RULE, V, found(REGULATOR_RULE, "police", 2, "去举报", text="不处理我就去举报"))
    assert told(TraitKind.THREAT_REGULATOR, judged).turns == (2,)
    assert told(TraitKind.THREAT_LEGAL, judged).grade is Grade.NONE


@pytest.mark.parametrize(
    ("verdicts", "why"),
    [
        ((), "没有用这条规则"),
        ((verdict(REGULATOR_RULE, VerdictValue.UNDETERMINED),), "规则无法判断:原因"),
        ((verdict(REGULATOR_RULE, S, found(REGULATOR_RULE, "media", 1, "曝光")),), "规则存疑,待人工确认"),
    ],
)
def test_where_the_rule_did_not_decide_the_threat_is_unmeasured(verdicts: tuple[Verdict, ...], why: str) -> None:
    trait = told(TraitKind.THREAT_MEDIA, *verdicts)
    assert trait.grade is Grade.UNDETERMINED
    assert why in sign(trait, "media").explanation


def test_a_doubt_about_one_kind_leaves_the_others_measured() -> None:
    doubtful = verdict(REGULATOR_RULE, S, found(REGULATOR_RULE, "media", 1, "曝光"))
    assert told(TraitKind.THREAT_LEGAL, doubtful).grade is Grade.NONE


def test_findings_of_a_rule_that_passed_are_no_threat() -> None:
    passed = verdict(REGULATOR_RULE, P, found(REGULATOR_RULE, "media", 1, "曝光"))
    assert told(TraitKind.THREAT_MEDIA, passed).grade is Grade.NONE
