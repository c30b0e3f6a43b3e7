"""Recordings as arrays: decoded, resampled, whole, and with as many channels as there are separate voices.

Nothing here knows who speaks or what is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.domain.errors import AudioError, Problem, ProblemCode
from pipeline.transcribe.engine import SAMPLE_RATE_HZ
from pipeline.transcribe.sound.completeness import DEMUXERS, Decoded, expected_ms
from pipeline.transcribe.sound.doubled import doubled
from pipeline.transcribe.sound.iso_media import claims_too_much
from pipeline.transcribe.sound.stored import FileBytes, StoredSamples

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.container import InputContainer

_MAX_CHANNELS = 2
_MAX_BYTES = 2 << 30
_MAX_DURATION_S = 6 * 3600  # two channels of it take 2.8 GB as float32
_RATES_HZ = range(4000, 384_001)  # beyond them a header is damaged, and a small file would grow without bound
_MAX_LEVEL = 16.0  # 24 dB above full scale, where no sound is, only damage or floats of another scale
_MAX_MISSING_MS = 500  # above what encoder delay, padding and rounded headers make up
_MAX_FAILED_PACKETS = 1000  # at least two seconds are missing then, and each failure costs 0.1 ms

_EXPORT_AGAIN = "请从录音系统重新导出或复制这个文件"
_SPLIT = "请先切成单通电话的录音"
_TO_PCM = "请先转成 16 位 PCM 的 WAV"


@dataclass(frozen=True, slots=True)
class Recording:
    """The separate voice channels, 16 kHz, float32 within about -1 to 1, all of the same length; kept on disk.

    `duration_ms` is counted from the decoded samples. One channel means that both speakers share it, also where the
    file had two of the same sound.
    """

    channels: tuple[StoredSamples, ...]
    duration_ms: int


def read_audio(path: Path) -> Recording:
    """Decode a recording. A file is whole when at most half a second of what it promises is missing.

    Times count decoded samples: gaps in a container's timestamps are not filled.

    Raises:
        AudioError: FILE_MISSING, FILE_UNREADABLE, FILE_EMPTY (no bytes or no samples), NOT_AUDIO,
            AUDIO_NO_SPEECH_TRACK, AUDIO_TRUNCATED, or BAD_FORMAT (a codec that is unknown or fails, several tracks,
            more than two channels, a rate or a level that no recording has, longer than six hours, larger than 2 GiB).
    """
    try:
        with _opened(path) as file:
            data = FileBytes(file)
            _check_size(data)
            channels, decoded, demuxer = _decode(data)
            expected = expected_ms(data, demuxer, decoded)
        if expected - decoded.decoded_ms > _MAX_MISSING_MS:
            raise _truncated(decoded.decoded_ms, expected)
        if not any(map(len, channels)):
            if decoded.failed_packets:
                raise _undecodable()
            raise _error(ProblemCode.FILE_EMPTY, "录音里没有声音数据", _EXPORT_AGAIN)
    except AudioError as error:
        raise AudioError(replace(problem, file=str(path)) for problem in error.problems) from error.__cause__
    return Recording(_separate(channels), len(channels[0]) * 1000 // SAMPLE_RATE_HZ)


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise _error(ProblemCode.FILE_MISSING, "找不到录音文件", "请检查清单里的路径") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _error(ProblemCode.FILE_UNREADABLE, f"读不了录音文件({reason})", "请检查文件的读取权限") from error


def _check_size(data: FileBytes) -> None:
    if len(data) > _MAX_BYTES:
        raise _error(ProblemCode.BAD_FORMAT, "录音文件超过 2 GB", _SPLIT)
    if not len(data):
        raise _error(ProblemCode.FILE_EMPTY, "录音文件是空的(0 字节)", _EXPORT_AGAIN)


def _decode(data: FileBytes) -> tuple[list[StoredSamples], Decoded, str]:
    """The channels at 16 kHz, what was found on the way, and libav's name of the container."""
    import av

    if claims_too_much(data):
        raise _error(ProblemCode.BAD_FORMAT, "录音的索引(stsz)已损坏", _EXPORT_AGAIN)
    try:
        # Bytes instead of a path, and named demuxers only: no playlist and no URL in a name or a text opens anything.
        container = av.open(data, "r", options={"format_whitelist": DEMUXERS}, metadata_errors="ignore")
    except (av.FFmpegError, EOFError) as error:
        if data[4:8] == b"ftyp":
            raise _error(ProblemCode.AUDIO_TRUNCATED, "录音不完整,文件缺少索引(moov)", _EXPORT_AGAIN) from error
        raise _error(
            ProblemCode.NOT_AUDIO,
            "文件内容不是能识别的录音",
            "支持 WAV、MP3、Ogg/Opus、FLAC、M4A、AAC、AMR、WebM、WMA;没有文件头的裸数据请先转成 WAV",
        ) from error
    with container:
        _check_tracks(container)
        track = _Track(container)
        channels: list[StoredSamples] = []
        for block in _blocks(track):
            channels = channels or [StoredSamples() for _ in block]
            for channel, samples in zip(channels, block, strict=True):
                channel.append(samples)
        return channels or [StoredSamples()], track.decoded(), container.format.name


def _blocks(track: _Track) -> Iterator[NDArray[np.float32]]:
    """The sound as (channels, time) blocks at 16 kHz."""
    resample = _Resampler()
    for frame in track.frames():
        yield from resample(frame)
    yield from resample.rest()


def _check_tracks(container: InputContainer) -> None:
    tracks = container.streams.audio
    if not tracks:
        raise _error(ProblemCode.AUDIO_NO_SPEECH_TRACK, "文件里没有音轨", "请导出带声音的录音")
    if len(tracks) > 1:
        remedy = "请合成一条双声道音轨(坐席、客户各一个声道)"
        raise _error(ProblemCode.BAD_FORMAT, f"文件里有 {len(tracks)} 条音轨", remedy)
    if tracks[0].codec_context is None:
        raise _error(ProblemCode.BAD_FORMAT, "录音使用了不支持的编码", _TO_PCM)


class _Track:
    """The frames of the only sound track, and what was found while decoding them."""

    def __init__(self, container: InputContainer) -> None:
        self._container = container
        self._seconds = 0.0
        self._failed_packets = 0
        self._torn_packet = False

    def frames(self) -> Iterator[AudioFrame]:
        import av

        packets = self._container.demux(self._container.streams.audio[0])
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                self._torn_packet |= packet.is_corrupt
                frames = packet.decode()
            except (av.FFmpegError, EOFError) as error:
                self._failed_packets += 1
                if self._failed_packets > _MAX_FAILED_PACKETS:
                    raise _undecodable() from error
                continue
            for frame in frames:
                self._check(frame)
                yield frame

    def _check(self, frame: AudioFrame) -> None:
        channels = frame.layout.nb_channels
        if channels > _MAX_CHANNELS:
            remedy = "请先转成双声道(坐席、客户各一个声道)或单声道"
            raise _error(ProblemCode.BAD_FORMAT, f"录音有 {channels} 个声道,只能处理 1 个或 2 个", remedy)
        if frame.sample_rate not in _RATES_HZ:
            raise _error(ProblemCode.BAD_FORMAT, f"录音的采样率写成了 {frame.sample_rate} Hz,不可能", _EXPORT_AGAIN)
        self._seconds += frame.samples / frame.sample_rate
        if self._seconds > _MAX_DURATION_S:
            raise _error(ProblemCode.BAD_FORMAT, "录音长过 6 小时", _SPLIT)

    def decoded(self) -> Decoded:
        stream = self._container.streams.audio[0]
        declared_ms = None
        if stream.duration is not None and stream.time_base is not None:
            declared_ms = float(stream.duration * stream.time_base) * 1000
        elif self._container.duration is not None and len(self._container.streams) == 1:  # else it may be a picture's
            declared_ms = self._container.duration / 1000
        return Decoded(
            decoded_ms=self._seconds * 1000,
            declared_ms=declared_ms,
            failed_packets=self._failed_packets,
            torn_packet=self._torn_packet,
        )


class _Resampler:
    """Frames of any rate and format to (channels, time) blocks of 16 kHz float32.

    Recorders that join segments change rate or format midway, which libav's resampler refuses; then a new one goes on.
    """

    def __init__(self) -> None:
        self._setup: tuple[int, str, str] | None = None
        self._channels = 0

    def __call__(self, frame: AudioFrame) -> list[NDArray[np.float32]]:
        import av

        blocks: list[NDArray[np.float32]] = []
        setup = (frame.sample_rate, frame.format.name, frame.layout.name)
        if setup != self._setup:
            if self._setup is not None:
                blocks = self.rest()
                if self._channels != frame.layout.nb_channels:
                    raise _error(ProblemCode.BAD_FORMAT, "录音的声道数中途变了", "请按声道数分成几个文件")
            self._setup, self._channels = setup, frame.layout.nb_channels
            self._resampler = av.AudioResampler(format="fltp", layout=frame.layout, rate=SAMPLE_RATE_HZ)
        frame.pts = None
        return blocks + self._resampled(frame)

    def rest(self) -> list[NDArray[np.float32]]:
        return [] if self._setup is None else self._resampled(None)

    def _resampled(self, frame: AudioFrame | None) -> list[NDArray[np.float32]]:
        import av

        try:
            blocks = [np.asarray(out.to_ndarray(), np.float32) for out in self._resampler.resample(frame)]
        except (av.FFmpegError, ValueError) as error:
            raise _error(ProblemCode.BAD_FORMAT, "录音的格式无法换算成 16 kHz", _TO_PCM) from error
        for block in blocks:
            if block.size and not np.abs(block).max() <= _MAX_LEVEL:  # also where it is no number
                raise _error(ProblemCode.BAD_FORMAT, "声音数据已损坏,或不是 -1 到 1 之间的浮点数", _TO_PCM)
        return blocks


def _separate(channels: Sequence[StoredSamples]) -> tuple[StoredSamples, ...]:
    """The channels; of two that hold the same sound, the louder one."""
    if len(channels) == _MAX_CHANNELS and (louder := doubled(*channels)) is not None:
        return (channels[louder],)
    return tuple(channels)


def _undecodable() -> AudioError:
    return _error(ProblemCode.BAD_FORMAT, "声音数据无法解码,文件已损坏或编码写错了", _EXPORT_AGAIN)


def _truncated(decoded_ms: float, expected_ms: float) -> AudioError:
    decoded = f"只解出 {_clock(decoded_ms)}"
    if expected_ms / 1000 > _MAX_DURATION_S:
        what = f"录音不完整或已损坏,{decoded}"
    else:
        what = f"录音不完整,{decoded},文件声明的长度是 {_clock(expected_ms)}"
    return _error(ProblemCode.AUDIO_TRUNCATED, what, _EXPORT_AGAIN)


def _clock(ms: float) -> str:
    minutes, seconds = divmod(ms / 1000, 60)
    return f"{minutes:.0f} 分 {seconds:.1f} 秒"


def _error(code: ProblemCode, what: str, remedy: str) -> AudioError:
    return AudioError(Problem(code=code, what=what, remedy=remedy))
