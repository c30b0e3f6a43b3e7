from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.rulepack.literals import branches, required

KNOWN = [
    ("没办法", [{"没办法"}]),
    ("(退|换)不了", [{"退不了", "换不了"}]),
    ("您?好", [{"好", "您好"}]),
    ("[您你]好+", [{"您", "你"}, {"好"}]),
    ("(如果|要是).{0,4}(退|换)", [{"如果", "要是"}, {"退", "换"}]),
    (r"(?:^|x)不\.行$", [{"不.行", "x不.行"}]),
    (r"\d+元", [{"元"}]),
    ("[^您]好吗", [{"好吗"}]),
    ("a{2,3}b", [{"a"}, {"b"}]),
    ("好*", []),
    ("好|.*", []),
    (".", []),
    ("(?i)ABC", []),
    (r"\x41b", []),
    ("[[:alpha:]]b", []),
    ("(没", []),
]


@pytest.mark.parametrize(("pattern", "texts"), KNOWN)
def test_what_a_match_cannot_do_without(pattern: str, texts: list[set[str]]) -> None:
    assert {frozenset(t) for t in texts} == set(required(pattern))


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [("a|b(c|d)|[|]e", ["a", "b(c|d)", "[|]e"]), ("ab", ["ab"]), ("a|(b", ["a|(b"]), ("a)|b", ["a)|b"])],
)
def test_branches_are_those_of_the_whole_expression(pattern: str, parts: list[str]) -> None:
    assert branches(pattern) == parts


ATOMS = st.sampled_from(["a", "b", "c", "[ab]", "[^a]", ".", "^", "$", r"\.", r"\d"])


def _combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map("".join),
        several.map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{2}", "{0,2}", "{1,}", "+?"])).map(
            lambda p: f"(?:{p[0]}){p[1]}"
        ),
    )


@given(st.recursive(ATOMS, _combined, max_leaves=8), st.text(alphabet="abc.1", max_size=8))
def test_every_match_holds_what_it_is_said_to_need(pattern: str, text: str) -> None:
    if re.search(pattern, text):
        branch = next(b for b in branches(pattern) if re.search(b, text))
        for one in (pattern, branch):
            assert all(any(needed in text for needed in texts) for texts in required(one))
