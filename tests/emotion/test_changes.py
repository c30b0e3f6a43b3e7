"""Where the level of a curve changes, and where it only seems to."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.emotion.changes import MIN_STEP, MIN_TURNS, change_points

CURVES = st.lists(st.tuples(st.floats(-1, 1), st.floats(0.05, 1)), max_size=60)


def changes(values: list[float] | np.ndarray, weights: list[float] | np.ndarray | None = None) -> list[int]:
    array = np.asarray(values, dtype=float)
    return change_points(array, np.ones(len(array)) if weights is None else np.asarray(weights, dtype=float))


@pytest.mark.parametrize("n", [0, 1, 5, 6, 50, 2000])
@pytest.mark.parametrize("level", [-1.0, 0.0, 0.3])
def test_a_constant_curve_never_changes(n: int, level: float) -> None:
    assert changes([level] * n) == []


@pytest.mark.parametrize("sigma", [0.05, 0.3, 0.6])
def test_noise_alone_hardly_ever_changes(sigma: float) -> None:
    drawn = np.random.default_rng(7)
    curves = [drawn.normal(-0.2, sigma, size) for size in (8, 20, 60, 200) for _ in range(50)]
    assert sum(bool(changes(curve)) for curve in curves) <= 4, "more than 2 % of 200 curves of noise"


@pytest.mark.parametrize("at", [4, 10, 16])
def test_a_step_is_found_where_it_is(at: int) -> None:
    noise = np.random.default_rng(3).normal(0, 0.05, 20)
    assert changes(noise + np.where(np.arange(20) < at, 0.0, -0.8)) == [at]


def test_a_fall_and_a_recovery_are_two_changes() -> None:
    assert changes([0.0] * 10 + [-0.9] * 8 + [-0.05] * 10) == [10, 18]


def test_a_single_outburst_is_no_change() -> None:
    assert changes([0.0] * 10 + [-1.0] + [0.0] * 10) == []


def test_levels_that_nobody_could_tell_apart_are_no_change() -> None:
    assert changes([0.0] * 200 + [-(MIN_STEP - 0.01)] * 200) == []


def test_turns_that_say_next_to_nothing_do_not_make_a_change() -> None:
    values, light = [0.0] * 8 + [0.9] * 4 + [0.0] * 8, [1.0] * 8 + [0.05] * 4 + [1.0] * 8
    assert changes(values) == [8, 12]
    assert changes(values, light) == []


@given(CURVES, st.floats(-0.5, 0.5))
@settings(max_examples=80, deadline=None)
def test_a_whole_curve_moved_up_or_down_changes_in_the_same_places(
    curve: list[tuple[float, float]], shift: float
) -> None:
    # Values that computers hold exactly when shifted: a tie must not be broken by rounding.
    values = np.array([round(v * 64) / 64 for v, _ in curve])
    weights = np.array([max(1, round(w * 16)) / 16 for _, w in curve])
    assert changes(values, weights) == changes(values + round(shift * 64) / 64, weights)


@given(CURVES)
@settings(max_examples=80, deadline=None)
def test_places_are_in_order_and_leave_every_stretch_its_turns(curve: list[tuple[float, float]]) -> None:
    found = changes([v for v, _ in curve], [w for _, w in curve])
    edges = [0, *found, len(curve)]
    assert all(b - a >= MIN_TURNS for a, b in itertools.pairwise(edges)) or not found
