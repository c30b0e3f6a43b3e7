"""Bytes and samples kept on disk behave as if they were in memory."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcribe.sound import stored
from pipeline.transcribe.sound.stored import FileBytes, StoredSamples

PLACES = st.one_of(st.none(), st.integers(-50, 50))
FEW_LETTERS = st.text("abc", max_size=40).map(str.encode)


@pytest.fixture(autouse=True, scope="module")
def small_blocks() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_BLOCK", 7)
        yield


@given(st.binary(max_size=40), st.lists(st.tuples(PLACES, PLACES), max_size=5))
def test_parts_of_a_file_are_those_of_its_bytes(content: bytes, parts: list[tuple[int | None, int | None]]) -> None:
    data = FileBytes(io.BytesIO(content))
    assert len(data) == len(content)
    assert [data[a:b] for a, b in parts] == [content[a:b] for a, b in parts]


@given(FEW_LETTERS, st.text("abc", min_size=1, max_size=4).map(str.encode), st.integers(0, 9))
def test_what_is_sought_is_found_across_blocks(content: bytes, sought: bytes, start: int) -> None:
    data = FileBytes(io.BytesIO(content))
    assert data.find(sought, start) == content.find(sought, start)
    assert data.find(sought, start, 30) == content.find(sought, start, 30)
    assert data.rfind(sought) == content.rfind(sought)


@given(FEW_LETTERS, st.sampled_from([rb"ab.", rb"a.(.)", rb"[ab]{3}", rb"aaa|bcb"]), st.integers(0, 9))
def test_a_pattern_is_found_across_blocks(content: bytes, pattern: bytes, start: int) -> None:
    sought = re.compile(pattern)
    found = FileBytes(io.BytesIO(content)).matches(sought, longest=3, start=start, end=35)
    expected = sought.finditer(content, start, 35)
    assert [(at, m.group()) for at, m in found] == [(m.start(), m.group()) for m in expected]


@given(
    st.binary(max_size=40), st.lists(st.tuples(st.integers(0, 2), st.integers(0, 20), st.integers(0, 20)), max_size=6)
)
def test_it_is_read_like_a_file(content: bytes, steps: list[tuple[int, int, int]]) -> None:
    data, like = FileBytes(io.BytesIO(content)), io.BytesIO(content)
    for whence, offset, size in steps:
        assert data.seek(offset, whence) == like.seek(offset, whence) == data.tell()
        assert data.read(size) == like.read(size)


@given(st.lists(st.lists(st.floats(-1, 1, width=32), max_size=9), max_size=5), st.tuples(PLACES, PLACES))
def test_samples_come_back_as_they_were_written(blocks: list[list[float]], part: tuple[int | None, int | None]) -> None:
    samples = StoredSamples()
    for block in blocks:
        samples.append(np.array(block, np.float32))
    whole = np.array([value for block in blocks for value in block], np.float32)
    assert len(samples) == len(whole)
    found = samples[part[0] : part[1]]
    assert np.array_equal(found, whole[part[0] : part[1]])
    assert found.dtype == np.float32
    assert found.flags.writeable
