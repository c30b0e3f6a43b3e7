"""Recordings made on the spot, and the shipped model loaded once."""

from __future__ import annotations

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.assets import asset
from pipeline.domain.call import Call, Channel
from pipeline.transcribe import Engine, EngineOptions, load_engine

RATE_HZ = 16_000
FIXTURES = asset("fixtures/audio/general")
SHIPPED = asset("models") / "asr-demo-zh"
MODEL_FILES = (
    "model.bin",
    "config.json",
    "tokenizer.json",
    "vocabulary.json",
    "preprocessor_config.json",
    "zhijian.json",
)


def tone(seconds: float, hz: float, *, rate_hz: int = RATE_HZ, level: float = 0.3) -> NDArray[np.float32]:
    """A tone with some noise, so that no codec can shrink it to nothing."""
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    noise = np.random.default_rng(round(hz)).standard_normal(time.size) * 0.02
    return (level * np.sin(2 * np.pi * hz * time) + noise).astype(np.float32)


def wavering(seconds: float, hz: float, *, level: float = 0.3) -> NDArray[np.float32]:
    """A tone whose pitch wavers as no network's does, so that it is not taken for one."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.asarray(level * np.sin(2 * np.pi * hz * time + 8 * np.sin(2 * np.pi * 5 * time)), np.float32)


def encode(
    channels: Iterable[NDArray[np.float32]],
    container: str,
    codec: str,
    *,
    rate_hz: int = RATE_HZ,
    layout: str = "",
    bit_rate: int = 64_000,
    options: dict[str, str] | None = None,
) -> bytes:
    """A recording of `channels` as a file of that container and codec. `options` are the muxer's."""
    samples = np.stack(list(channels))
    layout = layout or {1: "mono", 2: "stereo"}[len(samples)]
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=options or {}) as output:
        stream = cast(av.AudioStream, output.add_stream(codec, rate=rate_hz, layout=layout))
        stream.bit_rate = bit_rate
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate_hz)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout=layout)
        frame.sample_rate = rate_hz
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture
def stereo() -> list[NDArray[np.float32]]:
    """Four seconds with a different tone on each side."""
    return [tone(4, 440), tone(4, 700)]


@pytest.fixture
def save(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / "recording"
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped model's files in a folder of another name."""
    folder = tmp_path / "my-model"
    folder.mkdir()
    for name in MODEL_FILES:
        shutil.copy(SHIPPED / name, folder)
    return folder


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The hub out of reach, with an empty cache in the folder returned."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


def put_into_cache(model: Path, cache: Path, repository: str) -> None:
    """Moves a model's folder to where the hub's client keeps what it has downloaded."""
    entry = cache / f"models--{repository.replace('/', '--')}"
    (entry / "refs").mkdir(parents=True)
    (entry / "refs" / "main").write_text("0" * 40)
    (entry / "snapshots").mkdir()
    shutil.move(model, entry / "snapshots" / ("0" * 40))


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine(EngineOptions())


@pytest.fixture(scope="session")
def recorded() -> Call:
    """The first stereo recording among the fixtures that its manifest names, with its agent's channel."""
    with (FIXTURES / "manifest.csv").open(encoding="utf-8-sig", newline="") as manifest:
        row = min(csv.DictReader(manifest), key=lambda row: row["call_id"])
    return voice_call(FIXTURES / row["path"], call_id=row["call_id"], agent_channel=int(row["agent_channel"] or 0))


def voice_call(path: Path, *, call_id: str = "c1", agent_channel: int | None = None) -> Call:
    return Call(
        call_id=call_id,
        channel=Channel.VOICE,
        source="manifest.csv",
        content_hash="0" * 64,
        audio_path=path,
        agent_channel=agent_channel,
    )


def unmarked(text: str) -> str:
    """A text without the marks that stand in it for pauses."""
    return re.sub("[\uff0c\u3002\uff1f]", "", text)
