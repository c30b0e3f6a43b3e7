import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.insight.rates import FALLING, RISING, STEADY, TOO_FEW, interval_texts, rate_texts, trends, wilson


@pytest.mark.parametrize(
    ("hits", "n", "text"),
    [
        (0, 10, "0.0%–27.8%"),
        (5, 10, "23.7%–76.3%"),
        (10, 10, "72.2%–100.0%"),
        (1, 1, "20.7%–100.0%"),
        (81, 263, "25.5%–36.6%"),  # Newcombe 1998, table I
        (0, 0, ""),
    ],
)
def test_the_interval_is_wilsons(hits: int, n: int, text: str) -> None:
    assert interval_texts(pd.Series([hits]), pd.Series([n])) == [text]


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_rate(counts: tuple[int, int]) -> None:
    hits, n = counts
    (low,), (high,) = wilson(pd.Series([hits]), pd.Series([n]))
    assert 0 <= low <= hits / n + 1e-12
    assert hits / n - 1e-12 <= high <= 1


def test_a_rate_stands_beside_its_counts() -> None:
    assert rate_texts(pd.Series([2, 0, 0]), pd.Series([8, 5, 0])) == ["2/8（25.0%）", "0/5（0.0%）", "0/0"]


@pytest.mark.parametrize(
    ("earlier", "later", "trend"),
    [
        ((0, 20), (12, 20), RISING),
        ((12, 20), (0, 20), FALLING),
        ((4, 20), (5, 20), STEADY),
        ((0, 20), (0, 20), STEADY),
        ((1, 5), (2, 5), STEADY),
        ((0, 4), (100, 100), TOO_FEW),
        ((100, 100), (0, 4), TOO_FEW),
        ((0, 0), (0, 0), TOO_FEW),
    ],
)
def test_a_trend_is_told_only_where_the_counts_carry_it(
    earlier: tuple[int, int], later: tuple[int, int], trend: str
) -> None:
    columns = [pd.Series([number]) for number in (*earlier, *later)]
    assert trends(*columns).tolist() == [trend]
