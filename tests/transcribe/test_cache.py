from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.transcript import Line, LineSound, Quarantine, Role, SoundKind, Transcript, Turn, Word
from pipeline.transcribe import TranscriptCache

WORDS = st.builds(
    Word,
    text=st.text(max_size=3),
    start_ms=st.integers(0, 10**7),
    end_ms=st.integers(0, 10**7),
    probability=st.floats(0, 1),
    char_start=st.integers(0, 99),
    char_end=st.integers(0, 99),
)
TURNS = st.builds(
    Turn,
    index=st.integers(0, 99),
    role=st.sampled_from(Role),
    text=st.text(max_size=9),
    start_ms=st.none() | st.integers(0, 10**7),
    end_ms=st.none() | st.integers(0, 10**7),
    words=st.lists(WORDS, max_size=3).map(tuple),
    quarantine=st.sampled_from([None, *Quarantine]),
)
SOUNDS = st.builds(
    LineSound,
    kind=st.sampled_from(SoundKind),
    start_ms=st.integers(0, 10**7),
    end_ms=st.integers(0, 10**7),
    channel=st.integers(0, 1),
)
LINES = st.builds(
    Line,
    channel=st.integers(0, 1),
    role=st.none() | st.sampled_from(Role),
    speech_dbfs=st.none() | st.floats(-90, 0),
    noise_dbfs=st.none() | st.floats(-90, 0),
    clipped_share=st.none() | st.floats(0, 1),
)
TRANSCRIPTS = st.builds(
    Transcript,
    turns=st.lists(TURNS, max_size=3).map(tuple),
    engine=st.text(max_size=9),
    duration_ms=st.none() | st.integers(0, 10**7),
    roles_known=st.booleans(),
    sounds=st.none() | st.lists(SOUNDS, max_size=3).map(tuple),
    lines=st.none() | st.lists(LINES, max_size=2).map(tuple),
)
TRANSCRIPT = Transcript(
    turns=(Turn(0, Role.AGENT, "您好", 0, 400, (Word("您", 0, 200, 0.9, 0, 1), Word("好", 200, 400, 0.8, 1, 2))),),
    engine="whisper",
    duration_ms=1000,
)


@pytest.fixture
def cache(tmp_path: Path) -> TranscriptCache:
    return TranscriptCache(tmp_path / "transcripts")


@given(transcript=TRANSCRIPTS)
def test_a_transcript_comes_back_as_it_went_in(
    transcript: Transcript, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cache = TranscriptCache(tmp_path_factory.mktemp("cache"))
    cache.put("hash", "engine", 0, transcript)
    assert cache.get("hash", "engine", 0) == transcript


def test_a_transcript_that_an_older_version_stored_still_loads(cache: TranscriptCache) -> None:
    cache.put("hash", "engine", 0, TRANSCRIPT)
    (path,) = (p for p in cache.folder.rglob("*") if p.is_file())
    stored = json.loads(gzip.decompress(path.read_bytes()))
    del stored["transcript"]["sounds"], stored["transcript"]["lines"]
    path.write_bytes(gzip.compress(json.dumps(stored).encode()))
    assert cache.get("hash", "engine", 0) == TRANSCRIPT


@pytest.mark.parametrize("key", [("other", "engine", 0), ("hash", "other", 0), ("hash", "engine", 1)])
def test_another_recording_engine_or_channel_finds_nothing(key: tuple[str, str, int], cache: TranscriptCache) -> None:
    cache.put("hash", "engine", 0, TRANSCRIPT)
    assert cache.get(*key) is None


def test_no_setting_is_another_key_than_channel_0(cache: TranscriptCache) -> None:
    cache.put("hash", "engine", None, TRANSCRIPT)
    assert cache.get("hash", "engine", 0) is None
    assert cache.get("hash", "engine", None) == TRANSCRIPT


def test_a_folder_that_is_not_there_finds_nothing(cache: TranscriptCache) -> None:
    assert cache.get("hash", "engine", 0) is None


def test_a_file_damaged_anywhere_counts_as_absent_and_is_replaced(cache: TranscriptCache) -> None:
    cache.put("hash", "engine", 0, TRANSCRIPT)
    (path,) = (p for p in cache.folder.rglob("*") if p.is_file())
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert cache.get("hash", "engine", 0) is None
    path.write_bytes(b"{}")
    assert cache.get("hash", "engine", 0) is None
    cache.put("hash", "engine", 0, TRANSCRIPT)
    assert path.read_bytes() == whole
    assert cache.get("hash", "engine", 0) == TRANSCRIPT


def test_a_key_cannot_lead_out_of_the_folder(cache: TranscriptCache) -> None:
    cache.put("../../escape", "../../x", 0, TRANSCRIPT)
    assert cache.get("../../escape", "../../x", 0) == TRANSCRIPT
    assert [p.name for p in cache.folder.parent.iterdir()] == [cache.folder.name]


def test_a_failed_write_leaves_no_rubbish(cache: TranscriptCache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        cache.put("hash", "engine", 0, TRANSCRIPT)
    assert [p for p in cache.folder.rglob("*") if p.is_file()] == []
