"""A telephone line: noise, hum, the other side's voice, clipping, a codec and lost packets."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import av
import numpy as np
from numpy.typing import NDArray

from training.voice.espeak import RATE_HZ

Quality = Literal["good", "fair", "poor"]
Codec = Literal["none", "mulaw", "amr", "opus", "mp3"]
Signal = NDArray[np.float64]

_PACKET = RATE_HZ // 50
"""20 ms, what one packet of a call over IP holds."""
_SPEECH_FLOOR = 0.003


@dataclass(frozen=True, slots=True)
class Range:
    """Drawn evenly between two values."""

    low: float
    high: float

    def draw(self, generator: np.random.Generator) -> float:
        return float(generator.uniform(self.low, self.high))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a quality means. Levels are dB over the speech of the channel; `loss` is the share of packets lost."""

    noise_db: Range
    hum_db: Range
    crosstalk_db: Range
    overdrive_db: Range
    loss: Range
    codecs: tuple[Codec, ...]


QUALITIES: Mapping[Quality, Line] = {
    "good": Line(
        noise_db=Range(-42, -30),
        hum_db=Range(-70, -55),
        crosstalk_db=Range(-50, -38),
        overdrive_db=Range(-30, -6),
        loss=Range(0, 0),
        codecs=("none", "mulaw"),
    ),
    "fair": Line(
        noise_db=Range(-30, -22),
        hum_db=Range(-45, -32),
        crosstalk_db=Range(-35, -28),
        overdrive_db=Range(-10, 1),
        loss=Range(0, 0.005),
        codecs=("mulaw", "opus", "amr", "mp3"),
    ),
    "poor": Line(
        noise_db=Range(-22, -14),
        hum_db=Range(-35, -25),
        crosstalk_db=Range(-28, -20),
        overdrive_db=Range(0, 8),
        loss=Range(0.005, 0.03),
        codecs=("amr", "opus", "mp3"),
    ),
}


def degrade(pcm: Signal, quality: Quality, seed: int) -> Signal:
    """What arrives at the far end, of the same shape as `pcm` (channels, samples) and within -1 to 1.

    `pcm` is 8 kHz. The same arguments give the same result.
    """
    draw = np.random.default_rng(seed)
    line = QUALITIES[quality]
    levels = np.array([[_speech_level(channel)] for channel in pcm])
    crosstalk = line.crosstalk_db.draw(draw)
    wet = pcm.astype(np.float64) + (pcm[::-1] * _factor(crosstalk) if len(pcm) > 1 else 0)
    time_s = np.arange(pcm.shape[1]) / RATE_HZ
    for channel, level in zip(wet, levels[:, 0], strict=True):
        channel += draw.standard_normal(len(channel)) * level * _factor(line.noise_db.draw(draw))
        hum = sum(np.sin(2 * np.pi * 50 * k * time_s + draw.uniform(0, 6)) / k for k in (1, 2, 3))
        channel += hum * level * _factor(line.hum_db.draw(draw))
        ceiling = max(float(np.abs(channel).max()), 1e-6) * min(1, _factor(-line.overdrive_db.draw(draw)))
        np.clip(channel, -ceiling, ceiling, out=channel)
    codec = line.codecs[int(draw.integers(len(line.codecs)))]
    wet = np.stack([_coded(channel, codec) for channel in np.clip(wet, -1, 1)])
    return _drop_packets(wet, line.loss.draw(draw), draw)


def _factor(decibel: float) -> float:
    return float(10 ** (decibel / 20))


def _speech_level(channel: Signal) -> float:
    """Root mean square of what sounds; of a usual voice where nothing does."""
    sounding = channel[np.abs(channel) > _SPEECH_FLOOR]
    return float(np.sqrt(np.mean(np.square(sounding)))) if len(sounding) else 0.05


def _coded(channel: Signal, codec: Codec) -> Signal:
    if codec == "none":
        return channel
    name, container, bit_rate = {
        "mulaw": ("pcm_mulaw", "wav", None),
        "amr": ("libopencore_amrnb", "amr", 7_950),
        "opus": ("libopus", "ogg", 12_000),
        "mp3": ("libmp3lame", "mp3", 16_000),
    }[codec]
    file = io.BytesIO()
    with av.open(file, "w", format=container) as written:
        stream = cast(av.AudioStream, written.add_stream(name, rate=RATE_HZ, layout="mono"))
        if bit_rate:
            stream.bit_rate = bit_rate
        samples = np.round(channel * 32767).astype(np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        for piece in (frame, None):
            written.mux(stream.encode(piece))
    file.seek(0)
    heard = _decoded(file, container)
    return np.pad(heard, (0, max(0, len(channel) - len(heard))))[: len(channel)]


def _decoded(file: io.BytesIO, container: str) -> Signal:
    with av.open(file, "r", format=container) as read:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
        frames = [frame for packet in read.decode(audio=0) for frame in resampler.resample(packet)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64)


def _drop_packets(pcm: Signal, loss: float, draw: np.random.Generator) -> Signal:
    """Lost packets come in pairs as often as alone, and are silence."""
    lost = np.flatnonzero(draw.random(pcm.shape[1] // _PACKET) < loss)
    for packet in lost:
        pcm[:, packet * _PACKET : (packet + int(draw.integers(1, 3))) * _PACKET] = 0
    return pcm
