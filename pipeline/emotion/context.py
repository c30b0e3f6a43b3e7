"""What the neighbouring turns of a call say of a turn: a mood lasts longer than a sentence.

A second linear stage over the first. To what a turn's own words say (logits) it adds what the probabilities of the
turns before and after it say, of the same side and of the other, the nearer the more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pipeline.domain.transcript import Role
from pipeline.text.classify.linear import softmax
from pipeline.text.classify.weights import Array

# Of the weight of a neighbour, what the next further one has; chosen on CPED, with REACH so that the rest is below 3 %.
DECAY = 0.75
REACH = 12
# By distance, from the next turn on; endless, they would sum to one.
_NEARER = (1.0 - DECAY) * DECAY ** np.arange(REACH)
BEFORE_OWN, AFTER_OWN, BEFORE_OTHER, AFTER_OTHER = range(4)
KINDS = 4


@dataclass(frozen=True, slots=True)
class Context:
    """`usual` (labels,): the shares of a neighbour that says nothing. `weights` (KINDS x labels, labels)."""

    usual: Array
    weights: Array


def no_context(labels: int) -> Context:
    """Each turn by its own words."""
    return Context(np.full(labels, 1 / labels), np.zeros((KINDS * labels, labels)))


def neighbourhood(shares: Array, roles: Sequence[Role], usual: Array) -> Array:
    """(turns, KINDS x labels): how far the neighbours of each turn of one call are from the `usual` shares.

    `shares` (turns, labels) are the probabilities by words alone. A sum weighted by DECAY over REACH turns each way;
    zeros where there is no neighbour. Turns are of two sides, the customer's and all others.
    """
    turns, labels = shares.shape
    ours = np.array([role is Role.CUSTOMER for role in roles])
    unusual = shares - usual
    sides = np.hstack([unusual * ours[:, None], unusual * ~ours[:, None]])
    padded = np.zeros((turns + 2 * REACH, 2 * labels))
    padded[REACH : REACH + turns] = sides
    windows = sliding_window_view(padded, REACH, axis=0)
    before, after = windows[:turns] @ _NEARER[::-1], windows[REACH + 1 :] @ _NEARER
    found = np.zeros((turns, KINDS, labels))
    for kind, sums in ((BEFORE_OWN, before), (AFTER_OWN, after)):
        found[:, kind] = np.where(ours[:, None], sums[:, :labels], sums[:, labels:])
    for kind, sums in ((BEFORE_OTHER, before), (AFTER_OTHER, after)):
        found[:, kind] = np.where(ours[:, None], sums[:, labels:], sums[:, :labels])
    return found.reshape(turns, KINDS * labels)


def in_context(logits: Array, roles: Sequence[Role], context: Context) -> Array:
    """The probabilities (turns, labels) of one call's turns in context, from the logits of their words."""
    shares = softmax(logits)
    if len(logits) < 2:
        return shares
    return softmax(logits + neighbourhood(shares, roles, context.usual) @ context.weights)
