from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.domain.errors import AudioError, Problem, ProblemCode
from pipeline.transcribe.sound.audio import read_audio

from ..conftest import RATE_HZ, encode, tone

Save = Callable[[bytes], Path]
Stereo = list[NDArray[np.float32]]

# Everything a telephone system writes that libav can also write here.
FORMATS = {
    "wav pcm": ("wav", "pcm_s16le", 8000),
    "wav mu-law": ("wav", "pcm_mulaw", 8000),
    "wav a-law": ("wav", "pcm_alaw", 8000),
    "wav adpcm": ("wav", "adpcm_ms", 8000),
    "wav 48 kHz float": ("wav", "pcm_f32le", 48000),
    "w64": ("w64", "pcm_s16le", 8000),
    "caf": ("caf", "pcm_s16be", 8000),
    "aiff": ("aiff", "pcm_s16be", 8000),
    "au": ("au", "pcm_mulaw", 8000),
    "mp3": ("mp3", "libmp3lame", 8000),
    "mp3 44.1 kHz": ("mp3", "libmp3lame", 44100),
    "opus": ("ogg", "libopus", 48000),
    "flac": ("flac", "flac", 8000),
    "m4a": ("ipod", "aac", 16000),
    "aac": ("adts", "aac", 16000),
    "webm": ("webm", "libopus", 48000),
    "wma": ("asf", "wmav2", 16000),
}


def problem_of(path: Path) -> Problem:
    with pytest.raises(AudioError) as caught:
        read_audio(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    return problem


def loudest_hz(samples: NDArray[np.float32]) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * RATE_HZ / samples.size)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_its_channels_in_order_at_16_khz(name: str, save: Save) -> None:
    container, codec, rate_hz = FORMATS[name]
    sides = [tone(4, 440, rate_hz=rate_hz), tone(4, 700, rate_hz=rate_hz)]
    recording = read_audio(save(encode(sides, container, codec, rate_hz=rate_hz)))
    assert [round(loudest_hz(channel[:]), -1) for channel in recording.channels] == [440, 700]
    assert {channel[:].dtype for channel in recording.channels} == {np.dtype(np.float32)}
    assert recording.duration_ms == pytest.approx(4000, abs=300)  # encoders pad
    assert recording.duration_ms == len(recording.channels[0]) * 1000 // RATE_HZ


@pytest.mark.parametrize("name", FORMATS)
def test_a_recording_cut_in_half_is_refused_in_every_format(name: str, save: Save) -> None:
    container, codec, rate_hz = FORMATS[name]
    sides = [tone(4, 440, rate_hz=rate_hz), tone(4, 700, rate_hz=rate_hz)]
    whole = encode(sides, container, codec, rate_hz=rate_hz)
    assert problem_of(save(whole[: len(whole) // 2 + 1])).code is ProblemCode.AUDIO_TRUNCATED


def test_the_message_of_a_cut_recording_tells_both_lengths(stereo: Stereo, save: Save) -> None:
    whole = encode(stereo, "wav", "pcm_s16le")
    what = problem_of(save(whole[: len(whole) // 2])).what
    assert "0 分 2.0 秒" in what
    assert "0 分 4.0 秒" in what


def test_a_mono_file_has_one_channel(save: Save) -> None:
    recording = read_audio(save(encode([tone(1, 440)], "wav", "pcm_s16le")))
    assert len(recording.channels) == 1


@pytest.mark.parametrize(
    ("gain", "noise", "channels"),
    [(1.0, 0.0, 1), (1.0, 0.003, 1), (0.5, 0.0, 1), (1.0, 0.1, 2), (-1.0, 0.0, 1)],
    ids=["bit-equal", "a codec's difference", "half as loud", "another noise", "inverted"],
)
def test_two_equal_channels_count_as_one(gain: float, noise: float, channels: int, save: Save) -> None:
    left = tone(2, 440)
    hiss = np.random.default_rng(1).standard_normal(left.size).astype(np.float32)
    recording = read_audio(save(encode([left, gain * left + noise * hiss], "wav", "pcm_f32le")))
    assert len(recording.channels) == channels


def test_a_mono_recording_stored_as_joint_stereo_mp3_counts_as_one(save: Save) -> None:
    side = tone(3, 440)
    assert len(read_audio(save(encode([side, side], "mp3", "libmp3lame"))).channels) == 1


def test_a_silent_customer_is_still_a_second_channel(save: Save) -> None:
    side = tone(1, 440)
    assert len(read_audio(save(encode([side, 0 * side], "wav", "pcm_s16le"))).channels) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", ProblemCode.FILE_EMPTY),
        ("您好,这是一段文字,不是录音。\n".encode() * 400, ProblemCode.NOT_AUDIO),
        (b"RIFF", ProblemCode.NOT_AUDIO),
        (b"%PDF-1.7\n" + bytes(5000), ProblemCode.NOT_AUDIO),
        (bytes(5000), ProblemCode.NOT_AUDIO),
    ],
    ids=["nothing", "text", "only a magic number", "pdf", "zeros"],
)
def test_what_is_no_recording_is_named_as_such(content: bytes, code: ProblemCode, save: Save) -> None:
    assert problem_of(save(content)).code is code


@pytest.mark.parametrize("script", [b"ffconcat version 1.0\nfile other.wav\n", b"#EXTM3U\n#EXTINF:9,\nother.wav\n"])
def test_a_script_that_names_other_files_opens_none_of_them(
    script: bytes, save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other.wav").write_bytes(encode([tone(1, 440)], "wav", "pcm_s16le"))
    monkeypatch.chdir(tmp_path)
    assert problem_of(save(script)).code is ProblemCode.NOT_AUDIO


def test_noise_bytes_never_pass_for_a_recording(save: Save) -> None:
    for seed in range(20):
        content = np.random.default_rng(seed).bytes(20_000)
        assert problem_of(save(content)).code in (ProblemCode.NOT_AUDIO, ProblemCode.AUDIO_TRUNCATED)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "none.wav").code is ProblemCode.FILE_MISSING
    assert problem_of(tmp_path).code is ProblemCode.FILE_UNREADABLE


def test_a_header_without_any_sample_is_empty(save: Save) -> None:
    header = encode([tone(0.1, 440)], "wav", "pcm_s16le")
    at = header.index(b"data")
    assert problem_of(save(header[: at + 4] + bytes(4))).code is ProblemCode.FILE_EMPTY


def test_six_channels_are_refused_with_what_to_do(save: Save) -> None:
    content = encode([tone(1, 200 + 50 * n) for n in range(6)], "wav", "pcm_s16le", layout="5.1")
    problem = problem_of(save(content))
    assert problem.code is ProblemCode.BAD_FORMAT
    assert "6 个声道" in problem.what
    assert "双声道" in problem.remedy


def test_a_video_without_sound_has_no_speech_track(tmp_path: Path) -> None:
    path = tmp_path / "screen.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for _ in range(10):
            output.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        output.mux(stream.encode(None))
    assert problem_of(path).code is ProblemCode.AUDIO_NO_SPEECH_TRACK


def test_a_picture_that_runs_longer_than_the_sound_is_no_truncation(tmp_path: Path) -> None:
    path = tmp_path / "screen.mkv"
    with av.open(str(path), "w") as output:
        picture = output.add_stream("mpeg4", rate=10)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        sound = output.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2 * RATE_HZ), np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        output.mux(sound.encode(frame))
        for _ in range(50):
            output.mux(picture.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        for stream in (picture, sound):
            output.mux(stream.encode(None))
    assert read_audio(path).duration_ms == 2000


def test_two_sound_tracks_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "two.mka"
    with av.open(str(path), "w", format="matroska") as output:
        streams = [output.add_stream("pcm_s16le", rate=RATE_HZ, layout="mono") for _ in range(2)]
        for stream in streams:
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1600), np.int16), format="s16", layout="mono")
            frame.sample_rate = RATE_HZ
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    problem = problem_of(path)
    assert problem.code is ProblemCode.BAD_FORMAT
    assert "2 条音轨" in problem.what


def test_an_unknown_codec_is_refused(stereo: Stereo, save: Save) -> None:
    content = bytearray(encode(stereo, "wav", "pcm_s16le"))
    content[20:22] = b"\x99\x99"
    assert problem_of(save(bytes(content))).code is ProblemCode.BAD_FORMAT


@pytest.mark.parametrize(("rate_hz", "said"), [(7, "7 Hz"), (2_000_000_000, "2000000000 Hz")])
def test_a_rate_that_no_recording_has_is_refused(rate_hz: int, said: str, stereo: Stereo, save: Save) -> None:
    content = bytearray(encode(stereo, "wav", "pcm_s16le"))
    content[24:28] = rate_hz.to_bytes(4, "little")
    problem = problem_of(save(bytes(content)))
    assert problem.code is ProblemCode.BAD_FORMAT
    assert said in problem.what


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30, 32767.0])
def test_samples_that_are_no_sound_are_refused(value: float, save: Save) -> None:
    content = encode([tone(1, 440)], "wav", "pcm_f32le")
    at = len(content) - 4 * RATE_HZ // 2
    problem = problem_of(save(content[:at] + np.float32(value).tobytes() + content[at + 4 :]))
    assert problem.code is ProblemCode.BAD_FORMAT
    assert "浮点数" in problem.what


def test_a_recording_of_which_nothing_can_be_decoded_is_not_called_empty(stereo: Stereo, save: Save) -> None:
    content = bytearray(encode(stereo, "wav", "pcm_s16le"))
    content[20:22] = b"\x31\x00"  # GSM, says the header
    problem = problem_of(save(bytes(content)))
    assert problem.code is ProblemCode.BAD_FORMAT
    assert "无法解码" in problem.what


def test_a_rate_that_changes_midway_goes_on_in_time(save: Save) -> None:
    parts = [encode([tone(2, 440, rate_hz=rate)], "adts", "aac", rate_hz=rate) for rate in (16000, 32000)]
    recording = read_audio(save(b"".join(parts)))
    assert recording.duration_ms == pytest.approx(4000, abs=300)
    assert loudest_hz(recording.channels[0][: 2 * RATE_HZ]) == pytest.approx(440, abs=2)
    assert loudest_hz(recording.channels[0][-RATE_HZ:]) == pytest.approx(440, abs=2)


def test_decoding_damage_writes_nothing_to_the_terminal(
    stereo: Stereo, save: Save, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = encode(stereo, "mp3", "libmp3lame")
    problem_of(save(whole[:9000] + bytes(9000) + whole[18000:]))
    assert capfd.readouterr() == ("", "")
