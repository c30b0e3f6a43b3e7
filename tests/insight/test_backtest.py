"""What two versions of a pack make of the same calls is counted, told and put in order."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.score import CallScore
from pipeline.domain.transcript import Role
from pipeline.domain.verdict import Finding, MatchKind, RuleKind, Verdict, VerdictValue
from pipeline.insight.backtest import JudgedTwice, compare
from pipeline.insight.backtest_tables import write_tables
from pipeline.insight.changes import Backtest, Change, ComparedRule, RuleChange
from pipeline.insight.reviews import Review, Reviews, read_reviews
from tests.insight.build import N, P, S, U, V, sheet_rows

RULE = "t.a.b"
Values = Mapping[str, tuple[VerdictValue | None, VerdictValue | None]]


def _verdict(value: VerdictValue, *findings: Finding, reason: str = "", rule: str = RULE) -> Verdict:
    return Verdict(rule_id=rule, rule_version=1, value=value, reason=reason, findings=findings)


def _said(text: str, matched: str) -> Finding:
    start = text.find(matched)
    return Finding(
        rule_id=RULE,
        check="said",
        operator="phrase",
        match=MatchKind.EXACT,
        confidence=1.0,
        explanation="",
        turn=0,
        role=Role.AGENT,
        start_ms=61_000,
        end_ms=62_000,
        char_start=start,
        char_end=start + len(matched),
        text=text,
        matched=matched,
    )


def _rule(rule_id: str = RULE, *, before: int | None = 1, after: int | None = 2, stable: bool = False) -> ComparedRule:
    return ComparedRule(
        rule_id=rule_id, title="规则", kind=RuleKind.BANNED, version_before=before, version_after=after, stable=stable
    )


def _score(score: str | None, *, flagged: bool = False) -> CallScore:
    return CallScore(
        score=None if score is None else Decimal(score),
        score_if_confirmed=None,
        grade=None if score is None else "A" if Decimal(score) >= 90 else "B",
        fatal=False,
        flagged=flagged,
        judged_weight=1.0,
        items=(),
        reasons=(),
        flag_reasons=(),
    )


def _calls(values: Values) -> list[JudgedTwice]:
    return [
        JudgedTwice(
            call_id=call,
            before={} if was is None else {RULE: _verdict(was)},
            after={} if now is None else {RULE: _verdict(now)},
        )
        for call, (was, now) in values.items()
    ]


def _one(values: Values, **decided: Review) -> RuleChange:
    reviews = Reviews(decided={(call, RULE): review for call, review in decided.items()})
    (rule,) = compare(_calls(values), [_rule()], reviews=reviews).rules
    return rule


@pytest.mark.parametrize(
    ("was", "now", "change"),
    [
        (P, V, Change.NEWLY_HIT),
        (S, V, Change.NEWLY_HIT),
        (None, V, Change.NEWLY_HIT),
        (V, S, Change.NO_LONGER_HIT),
        (V, U, Change.NO_LONGER_HIT),
        (V, None, Change.NO_LONGER_HIT),
        (P, S, Change.OTHER),
        (U, N, Change.OTHER),
        (None, S, Change.OTHER),
        (S, None, Change.OTHER),
        (None, P, None),
        (N, None, None),
        (V, V, None),
        (P, P, None),
    ],
)
def test_a_hit_is_a_violation_and_whatever_else_changes_is_told_apart(
    was: VerdictValue | None, now: VerdictValue | None, change: Change | None
) -> None:
    found = compare(_calls({"c": (was, now)}), [_rule()])
    assert [c.change for c in found.changes] == ([] if change is None else [change])
    assert [(c.before, c.after) for c in found.changes] == ([] if change is None else [(was, now)])


def test_hits_suspicions_and_precision_are_counted_on_both_sides() -> None:
    change = _one(
        {"a": (V, V), "b": (V, P), "c": (P, V), "d": (S, P), "e": (P, P), "f": (V, V)},
        a=Review.RIGHT,
        b=Review.WRONG,
        c=Review.RIGHT,
        d=Review.RIGHT,
    )
    before, after = change.before, change.after
    assert (before.calls, before.hits, before.suspected, before.reviewed, before.right) == (6, 3, 1, 2, 1)
    assert (after.calls, after.hits, after.suspected, after.reviewed, after.right) == (6, 3, 0, 2, 2)
    assert before.precision is not None
    assert (before.precision.share, round(before.precision.low, 3), round(before.precision.high, 3)) == (
        0.5,
        0.095,
        0.905,
    )
    assert (change.newly_hit, change.newly_right, change.no_longer_hit, change.lost_wrong, change.other) == (
        1,
        1,
        1,
        1,
        1,
    )
    assert not change.worse


def test_without_a_review_there_is_no_precision() -> None:
    assert _one({"a": (V, V)}).after.precision is None


@pytest.mark.parametrize(
    ("was", "now", "review", "worse"),
    [
        (V, P, Review.RIGHT, True),
        (V, S, Review.RIGHT, True),
        (V, None, Review.RIGHT, True),
        (V, P, Review.WRONG, False),
        (V, P, None, False),
        (P, V, Review.WRONG, True),
        (S, V, Review.WRONG, True),
        (P, V, Review.RIGHT, False),
        (P, V, None, False),
        (V, V, Review.WRONG, False),
        (S, P, Review.RIGHT, False),
    ],
)
def test_a_rule_got_worse_where_it_lost_what_was_confirmed_or_newly_hits_what_was_wrong(
    was: VerdictValue, now: VerdictValue | None, review: Review | None, worse: bool
) -> None:
    reviews = Reviews(decided={} if review is None else {("c", RULE): review})
    for stable in (True, False):
        found = compare(_calls({"c": (was, now)}), [_rule(stable=stable)], reviews=reviews)
        assert bool(found.worse) is (worse and stable)


def test_what_was_said_and_why_is_told_with_personal_data_masked() -> None:
    text, matched = "您打13800138000问", "0013"
    after = _verdict(V, _said(text, matched), reason=f"客服说“{matched}”")
    call = JudgedTwice(call_id="c", before={RULE: _verdict(P, reason="未发现13800138000")}, after={RULE: after})
    (change,) = compare([call], [_rule()]).changes
    assert change.evidence == "01:01–01:02 客服：您打138****8000问"
    assert (change.reason_before, change.reason_after) == ("未发现138****8000", "客服说“****”")


def test_a_lost_hit_shows_what_the_older_version_found() -> None:
    before = _verdict(V, *(_said(f"第{n}句不归我管", "不归我管") for n in "一二三四五"))
    (change,) = compare([JudgedTwice(call_id="c", before={RULE: before}, after={RULE: _verdict(P)})], [_rule()]).changes
    assert change.evidence.splitlines() == [
        *(f"01:01–01:02 客服：第{n}句不归我管" for n in "一二三"),
        "(另有 2 处)",
    ]


def test_scores_are_compared_where_both_sides_have_one_and_the_greatest_loss_comes_first() -> None:
    def call(name: str, before: CallScore | None, after: CallScore | None) -> JudgedTwice:
        return JudgedTwice(call_id=name, before={}, after={}, score_before=before, score_after=after)

    found = compare(
        [
            call("same", _score("80"), _score("80")),
            call("gain", _score("80"), _score("95")),
            call("loss", _score("95"), _score("60", flagged=True)),
            call("unscored", _score(None), _score("60")),
            call("flag only", _score("70"), _score("70", flagged=True)),
            call("unknown before", None, _score("10")),
        ],
        [],
    ).scores
    assert [c.call_id for c in found.changes] == ["loss", "flag only", "gain", "unscored"]
    assert [c.difference for c in found.changes] == [Decimal(-35), Decimal(0), Decimal(15), None]
    assert (found.calls, found.mean_before, found.mean_after) == (4, Decimal("81.25"), Decimal("76.25"))
    assert (found.flagged_before, found.flagged_after) == (0, 2)


def test_reviews_of_calls_that_are_not_there_are_counted() -> None:
    reviews = Reviews(
        decided={("here", RULE): Review.RIGHT, ("gone", RULE): Review.RIGHT, ("here", "t.x.y"): Review.WRONG}
    )
    assert compare(_calls({"here": (V, V)}), [_rule()], reviews=reviews).reviews_unused == 1


VALUE = st.none() | st.sampled_from(list(VerdictValue))
REVIEW = st.none() | st.sampled_from(list(Review))


@given(st.lists(st.tuples(VALUE, VALUE, REVIEW), max_size=30))
def test_the_counts_balance_whatever_the_verdicts(
    calls: list[tuple[VerdictValue | None, VerdictValue | None, Review | None]],
) -> None:
    values = {f"c{n}": (was, now) for n, (was, now, _) in enumerate(calls)}
    decided = {f"c{n}": review for n, (_, _, review) in enumerate(calls) if review is not None}
    change = _one(values, **decided)
    assert change.after.hits - change.before.hits == change.newly_hit - change.no_longer_hit
    assert change.after.right - change.before.right == change.newly_right - change.lost_right
    assert change.newly_right + change.newly_wrong <= change.newly_hit
    assert change.after.right <= change.after.reviewed <= change.after.hits <= change.after.calls


def _mixed() -> Backtest:
    names = [f"c{n}" for n in range(9)]
    pairs = [(P, V), (V, P), (S, P), (V, V), (None, V), (P, S), (V, S), (P, P), (N, U)]
    other = _verdict(V, _said("=1+1 不归我管", "不归我管"), rule="t.b.c")
    calls = [
        JudgedTwice(
            call_id=name,
            before={} if was is None else {RULE: _verdict(was)},
            after={RULE: _verdict(now), "t.b.c": other},
            score_before=_score("90"),
            score_after=_score("80"),
        )
        for name, (was, now) in zip(names, pairs, strict=True)
    ]
    reviews = Reviews(decided={("c0", RULE): Review.WRONG, ("c3", RULE): Review.RIGHT})
    return compare(calls, [_rule("t.b.c", before=None, after=1), _rule()], reviews=reviews)


def test_the_tables_open_in_pandas_with_their_types(tmp_path: Path) -> None:
    write_tables(_mixed(), tmp_path, timezone=ZoneInfo("Asia/Shanghai"))
    rules = pd.read_parquet(tmp_path / "backtest_rules.parquet").set_index("rule_id")
    counts = rules[["hits_before", "hits_after", "newly_wrong", "precision_after"]].to_dict("index")[RULE]
    assert counts == {"hits_before": 3, "hits_after": 3, "newly_wrong": 1, "precision_after": 0.5}
    assert rules["version_before"].isna()["t.b.c"]
    changes = pd.read_parquet(tmp_path / "backtest_changes.parquet")
    assert changes["change"].value_counts().to_dict() == {"newly_hit": 11, "no_longer_hit": 2, "other": 3}
    scores = pd.read_parquet(tmp_path / "backtest_scores.parquet")
    assert scores["difference"].tolist() == [-10.0] * 9


def test_nothing_changed_is_tables_without_rows(tmp_path: Path) -> None:
    write_tables(compare([], [_rule()]), tmp_path, timezone=ZoneInfo("Asia/Shanghai"))
    for name in ("changes", "scores"):
        table = pd.read_parquet(tmp_path / f"backtest_{name}.parquet")
        assert table.empty
        assert "call_id" in table
    assert sheet_rows(tmp_path / "backtest.xlsx", "判定变化") == []


def test_the_same_back_test_gives_the_same_bytes(tmp_path: Path) -> None:
    written = [write_tables(_mixed(), tmp_path / name, timezone=ZoneInfo("Asia/Shanghai")) for name in "ab"]
    assert [p.read_bytes() for p in written[0]] == [p.read_bytes() for p in written[1]]


def test_a_review_written_into_the_workbook_is_read_back(tmp_path: Path) -> None:
    write_tables(_mixed(), tmp_path, timezone=ZoneInfo("Asia/Shanghai"))
    path = tmp_path / "backtest.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["判定变化"]
    headers = [cell.value for cell in page[1]]
    page.cell(2, headers.index("复核结论（确认/误判/部分成立）") + 1, "误判")
    first = {headers[x]: cell.value for x, cell in enumerate(page[2])}
    book.save(path)
    assert read_reviews([path]).decided == {(first["通话编号"], first["规则编号"]): Review.WRONG}
