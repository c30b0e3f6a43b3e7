import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rulepack.logic import (
    AtLeast,
    Check,
    ExpressionError,
    Not,
    Then,
    Truth,
    duration_ms,
    leaves,
    parse,
    truth_and,
    truth_at_least,
    truth_not,
    truth_or,
)

TRUTHS = st.sampled_from(list(Truth))
MANY = st.lists(TRUTHS, min_size=1, max_size=5)


@given(TRUTHS)
def test_double_negation_changes_nothing(a: Truth) -> None:
    assert truth_not(truth_not(a)) is a


@given(MANY)
def test_de_morgan_holds_with_unknowns(values: list[Truth]) -> None:
    assert truth_not(truth_and(values)) is truth_or([truth_not(v) for v in values])


@given(MANY, st.integers(1, 5))
def test_an_unknown_result_can_still_turn_out_either_way(values: list[Truth], n: int) -> None:
    def settled(unknown: Truth) -> list[Truth]:
        return [v if v.known else unknown for v in values]

    worst, best = truth_at_least(n, settled(Truth.FALSE)), truth_at_least(n, settled(Truth.TRUE))
    result = truth_at_least(n, values)
    assert result.known == (worst is best)
    if result.known:
        assert result is worst


@given(MANY)
def test_order_does_not_matter(values: list[Truth]) -> None:
    assert truth_and(values) is truth_and(values[::-1])
    assert truth_or(values) is truth_or(values[::-1])


def test_a_doubtful_match_outweighs_what_was_not_judged() -> None:
    assert truth_and([Truth.TRUE, Truth.UNJUDGED, Truth.DOUBTFUL]) is Truth.DOUBTFUL
    assert truth_and([Truth.TRUE, Truth.ABSENT, Truth.UNJUDGED]) is Truth.UNJUDGED


A, B, C = Check("a"), Check("b"), Check("c")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("a", A),
        ("not a", Not(A)),
        ("not not a", A),
        ("a and b", AtLeast(2, (A, B))),
        ("a or b and c", AtLeast(1, (A, AtLeast(2, (B, C))))),
        ("(a or b) and c", AtLeast(2, (AtLeast(1, (A, B)), C))),
        ("2 of (a, b, c)", AtLeast(2, (A, B, C))),
        ("a then b", Then(A, B)),
        ("a then b within 30s", Then(A, B, 30_000)),
        ("a then b then c", Then(Then(A, B), C)),
        ("not a then b", Then(Not(A), B)),
    ],
)
def test_expressions_read_as_written(text: str, expression: object) -> None:
    assert parse(text) == expression


@pytest.mark.parametrize(
    "text",
    ["", "and", "a b", "a and", "(a", "a)", "3 of (a, b)", "0 of (a)", "a then b within soon", "a & b", "not",
     "(" * 50 + "a" + ")" * 50, " and ".join(["a"] * 400)],
)  # fmt: skip
def test_a_bad_expression_is_refused_in_chinese(text: str) -> None:
    with pytest.raises(ExpressionError, match=r"[一-龥]"):
        parse(text)


def test_leaves_know_whether_a_not_stands_over_them() -> None:
    assert list(leaves(parse("a and not (b or not c)"))) == [("a", True), ("b", False), ("c", True)]


@pytest.mark.parametrize(("text", "ms"), [("12s", 12_000), ("0.5s", 500), ("800ms", 800), ("2min", 120_000)])
def test_durations(text: str, ms: int) -> None:
    assert duration_ms(text) == ms


@pytest.mark.parametrize("text", ["12", "s", "1h", "-3s", "1 s"])
def test_a_bad_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="不是时长"):
        duration_ms(text)
