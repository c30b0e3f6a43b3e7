"""What the neighbours of a turn say, against the plain words of what it should be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.transcript import Role
from pipeline.emotion.context import DECAY, KINDS, REACH, in_context, neighbourhood, no_context
from pipeline.text.classify.linear import softmax

CALLS = st.lists(st.tuples(st.sampled_from(list(Role)), st.integers(0, 9)), min_size=1, max_size=40)
USUAL = np.array([0.2, 0.8])


@given(CALLS)
def test_each_neighbour_in_reach_counts_by_its_distance_and_its_side(call: list[tuple[Role, int]]) -> None:
    roles = [role for role, _ in call]
    shares = np.array([[n / 9, 1 - n / 9] for _, n in call])
    found = neighbourhood(shares, roles, USUAL).reshape(len(call), KINDS, 2)
    for here, role in enumerate(roles):
        expected = np.zeros((KINDS, 2))
        for there, other in enumerate(roles):
            distance = abs(there - here)
            if 0 < distance <= REACH:
                same = (role is Role.CUSTOMER) == (other is Role.CUSTOMER)
                kind = (0 if same else 2) + (there > here)
                expected[kind] += (1 - DECAY) * DECAY ** (distance - 1) * (shares[there] - USUAL)
        np.testing.assert_allclose(found[here], expected, atol=1e-12)


def test_without_weights_a_turn_is_what_its_words_say() -> None:
    logits = np.array([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]])
    roles = [Role.CUSTOMER, Role.AGENT, Role.CUSTOMER]
    np.testing.assert_array_equal(in_context(logits, roles, no_context(2)), softmax(logits))


def test_a_call_without_a_judged_turn_has_no_neighbours() -> None:
    assert in_context(np.zeros((0, 2)), [], no_context(2)).shape == (0, 2)
