"""Rates with what their counts allow to be said about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_Z = 1.959964
"""The 97.5 % quantile of the normal distribution, for intervals of 95 %."""

LEAST = 5
"""With fewer judged calls than this in either half nothing is said about a trend."""

RISING, FALLING, STEADY, TOO_FEW = "上升", "下降", "无明显变化", "数据不足"


def wilson(hits: pd.Series, n: pd.Series) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's 95 % score interval of `hits` out of `n` (E. B. Wilson, JASA 22, 1927); NaN where n is 0."""
    total = np.asarray(n, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.asarray(hits, dtype=float) / total
        spread = _Z * np.sqrt(share * (1 - share) / total + _Z**2 / (4 * total**2))
        low, high = ((share + _Z**2 / (2 * total) + sign * spread) / (1 + _Z**2 / total) for sign in (-1, 1))
    # At the edges the formula is exact but its rounding is not.
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def interval_texts(hits: pd.Series, n: pd.Series) -> list[str]:
    """`4.1%–27.9%`, empty where nothing was judged."""
    return ["" if low != low else f"{low:.1%}–{high:.1%}" for low, high in zip(*wilson(hits, n), strict=True)]


def rate_texts(hits: pd.Series, n: pd.Series) -> list[str]:
    """`2/10（20.0%）`, `0/0` where nothing was judged."""
    return [
        f"{h}/{m}（{h / m:.1%}）" if m else f"{h}/{m}" for h, m in zip(hits.astype(int), n.astype(int), strict=True)
    ]


def trends(hits: pd.Series, n: pd.Series, later_hits: pd.Series, later_n: pd.Series) -> NDArray[np.str_]:
    """Whether the later rate is higher or lower than the earlier one, beyond what chance explains.

    The difference counts when Newcombe's 95 % hybrid score interval leaves out 0 (R. G. Newcombe, Statistics in
    Medicine 17, 1998, method 10).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        early, late = (
            np.asarray(h, dtype=float) / np.asarray(m, dtype=float) for h, m in ((hits, n), (later_hits, later_n))
        )
    (low, high), (later_low, later_high) = wilson(hits, n), wilson(later_hits, later_n)
    rise = late - early
    rising = rise - np.sqrt((late - later_low) ** 2 + (high - early) ** 2) > 0
    falling = rise + np.sqrt((later_high - late) ** 2 + (early - low) ** 2) < 0
    few = (np.asarray(n) < LEAST) | (np.asarray(later_n) < LEAST)
    return np.select([few, rising, falling], [TOO_FEW, RISING, FALLING], default=STEADY)
