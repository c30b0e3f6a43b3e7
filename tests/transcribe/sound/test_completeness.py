"""Cuts and damage by container, and the recordings that only look cut."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pipeline.domain.errors import AudioError, ProblemCode
from pipeline.transcribe.sound.audio import read_audio
from pipeline.transcribe.sound.mp3 import expected_mp3_ms
from pipeline.transcribe.sound.stored import FileBytes

from ..conftest import encode, tone
from .media import with_picture

Save = Callable[[bytes], Path]
Stereo = list[NDArray[np.float32]]

ID3_FULL_OF_SYNC_MARKS = b"ID3\x04\x00\x00\x00\x00\x40\x00" + b"\xff\xfb" * 4096
PLAIN_MP3 = {"write_xing": "0", "id3v2_version": "0"}  # no frame count, no tag: nothing tells the length


def is_truncated(path: Path) -> bool:
    """Anything else that is wrong with the file fails the test."""
    try:
        read_audio(path)
    except AudioError as error:
        if {problem.code for problem in error.problems} == {ProblemCode.AUDIO_TRUNCATED}:
            return True
        raise
    return False


def wav_with_size(content: bytes, size: int) -> bytes:
    at = content.index(b"data") + 4
    return content[:at] + struct.pack("<I", size) + content[at + 4 :]


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_wav_written_to_a_pipe_is_whole_whatever_its_header_says(size: int, stereo: Stereo, save: Save) -> None:
    path = save(wav_with_size(encode(stereo, "wav", "pcm_s16le"), size))
    assert not is_truncated(path)
    assert read_audio(path).duration_ms == 4000


@pytest.mark.parametrize("size", [400_000, 1_000_000_000])
def test_a_wav_that_declares_more_than_it_has_is_truncated(size: int, stereo: Stereo, save: Save) -> None:
    assert is_truncated(save(wav_with_size(encode(stereo, "wav", "pcm_s16le"), size)))


def test_an_rf64_wav_is_measured_by_its_64_bit_size(stereo: Stereo, save: Save) -> None:
    whole = encode(stereo, "wav", "pcm_s16le", options={"rf64": "always"})
    assert whole[:4] == b"RF64"
    assert not is_truncated(save(whole))
    assert is_truncated(save(whole[: len(whole) // 2]))


@pytest.mark.parametrize("container", ["matroska", "mp4"])
@pytest.mark.parametrize("share", [0.3, 0.6])
def test_a_cut_recording_with_pictures_is_truncated(container: str, share: float, save: Save) -> None:
    whole = with_picture(container, "mpeg4", "aac", seconds=4)
    assert not is_truncated(save(whole))
    assert is_truncated(save(whole[: round(share * len(whole))]))


def test_a_matroska_that_was_written_live_is_whole_without_a_size(stereo: Stereo, save: Save) -> None:
    whole = encode(stereo, "matroska", "pcm_s16le", options={"live": "1"})
    assert b"\x18\x53\x80\x67\x01" + b"\xff" * 7 in whole
    assert not is_truncated(save(whole))


def test_a_wav_whose_data_begins_at_its_very_end_upsets_nothing(stereo: Stereo, save: Save) -> None:
    whole = encode(stereo, "wav", "pcm_s16le")
    at = whole.index(b"LIST")
    skipped = whole[: at + 4] + struct.pack("<I", len(whole) - at - 8) + whole[at + 8 :]
    assert is_truncated(save(skipped + b"data" + struct.pack("<I", 64_000)))


def test_an_ogg_that_ends_inside_the_header_of_a_page_is_truncated(save: Save) -> None:
    whole = encode([tone(3, 440, rate_hz=48000)], "ogg", "libopus", rate_hz=48000)
    last = whole.rindex(b"OggS")
    unseen = [cut for cut in range(last + 4, last + 32) if not is_truncated(save(whole[:cut]))]
    assert unseen == []


def test_a_few_missing_samples_are_no_truncation(stereo: Stereo, save: Save) -> None:
    whole = encode(stereo, "wav", "pcm_s16le")
    assert not is_truncated(save(whole[:-4000]))


def test_chunks_around_the_sound_do_not_matter(stereo: Stereo, save: Save) -> None:
    whole = encode(stereo, "wav", "pcm_s16le")
    assert not is_truncated(save(whole + b"LIST" + struct.pack("<I", 10) + b"INFOabcdef"))


@pytest.mark.parametrize(("container", "codec"), [("mp3", "libmp3lame"), ("ogg", "libopus")])
def test_hardly_any_cut_of_a_stream_goes_unseen(container: str, codec: str, save: Save) -> None:
    side = tone(6, 440, rate_hz=48000)
    whole = encode([side], container, codec, rate_hz=48000, options=PLAIN_MP3 if container == "mp3" else {})
    cuts = range(len(whole) // 4, len(whole) * 3 // 4, len(whole) // 57)
    unseen = [cut for cut in cuts if not is_truncated(save(whole[:cut]))]
    assert len(unseen) <= 1, unseen  # a cut that falls exactly between two frames


@pytest.mark.parametrize(
    "surround",
    [
        lambda mp3: mp3 + b"TAG" + bytes(125),
        lambda mp3: mp3 + b"APETAGEX" + bytes([0xD0, 7, 0, 0]) + b"text" * 200 + b"\xff\xfb\xe0\x00" + b"text" * 9,
        lambda mp3: mp3 + bytes(4000),
        lambda mp3: ID3_FULL_OF_SYNC_MARKS + mp3,
        lambda mp3: b"garbage" * 100 + mp3,
        lambda mp3: mp3 + mp3,
        lambda mp3: mp3 + ID3_FULL_OF_SYNC_MARKS + mp3,
    ],
    ids=[
        "ID3v1",
        "APE tag with a sync mark",
        "zeros",
        "ID3v2 full of sync marks",
        "leading garbage",
        "joined twice",
        "joined with a tag between",
    ],
)
@pytest.mark.parametrize("options", [{}, PLAIN_MP3], ids=["with frame count", "without"])
def test_tags_and_padding_around_an_mp3_are_no_truncation(
    surround: Callable[[bytes], bytes], options: dict[str, str], stereo: Stereo, save: Save
) -> None:
    assert not is_truncated(save(surround(encode(stereo, "mp3", "libmp3lame", options=options))))


@pytest.mark.parametrize("options", [{}, PLAIN_MP3], ids=["with frame count", "without"])
def test_a_hole_in_an_mp3_is_a_truncation(options: dict[str, str], stereo: Stereo, save: Save) -> None:
    mp3 = encode(stereo, "mp3", "libmp3lame", options=options)
    third = len(mp3) // 3
    assert is_truncated(save(mp3[:third] + bytes(third) + mp3[2 * third :]))


def test_the_frame_count_in_an_mp3_tells_the_length_of_the_whole(stereo: Stereo) -> None:
    mp3 = encode(stereo, "mp3", "libmp3lame")
    assert expected_mp3_ms(FileBytes(io.BytesIO(mp3[: len(mp3) // 2])), 2000) == pytest.approx(4000, abs=200)


def test_a_hole_in_an_opus_recording_is_a_truncation(save: Save) -> None:
    opus = encode([tone(8, 440, rate_hz=48000)], "ogg", "libopus", rate_hz=48000)
    third = len(opus) // 3
    assert is_truncated(save(opus[:third] + bytes(third) + opus[2 * third :]))


def test_an_mp3_that_ends_inside_a_frames_header_is_a_truncation(save: Save) -> None:
    mp3 = encode([tone(3, 440)], "mp3", "libmp3lame", options=PLAIN_MP3)
    frame_bytes = 64_000 * 576 // 8 // 16_000
    assert len(mp3) % frame_bytes == 0
    assert is_truncated(save(mp3[: 50 * frame_bytes + 2]))


def test_a_wma_is_measured_against_the_size_in_its_header(save: Save) -> None:
    wma = encode([tone(20, 440)], "asf", "wmav2")
    assert not is_truncated(save(wma))
    cuts = range(len(wma) // 5, len(wma) * 9 // 10, len(wma) // 60)  # some of them between two packets
    assert [cut for cut in cuts if not is_truncated(save(wma[:cut]))] == []


@given(st.binary(max_size=3000))
def test_no_bytes_upset_the_mp3_walk(content: bytes) -> None:
    assert expected_mp3_ms(FileBytes(io.BytesIO(content)), 1000) >= 1000


@given(st.data())
def test_no_damage_upsets_the_mp3_walk(data: st.DataObject) -> None:
    mp3 = bytearray(MP3)
    for at in data.draw(st.lists(st.integers(0, len(mp3) - 1), max_size=20)):
        mp3[at] = data.draw(st.integers(0, 255))
    assert expected_mp3_ms(FileBytes(io.BytesIO(mp3)), 1000) >= 1000


MP3 = encode([tone(1, 440)], "mp3", "libmp3lame")


def test_a_live_flac_without_a_length_shows_a_cut_by_its_last_frame(stereo: Stereo, save: Save) -> None:
    whole = bytearray(encode(stereo, "flac", "flac"))
    whole[21] &= 0xF0  # the 36 bits of STREAMINFO that count the samples
    whole[22:26] = bytes(4)
    assert not is_truncated(save(bytes(whole)))
    assert is_truncated(save(bytes(whole[: len(whole) // 2 + 1])))


def test_an_amr_file_must_end_with_a_whole_frame(save: Save) -> None:
    frames = b"".join(b"\x3c" + np.random.default_rng(n).bytes(31) for n in range(150))
    whole = b"#!AMR\n" + frames
    assert read_audio(save(whole)).duration_ms == 3000
    assert is_truncated(save(whole[:-9]))
