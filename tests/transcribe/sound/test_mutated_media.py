"""A thousand damaged files: each is read or refused with a reason, and none kills, hangs or bloats its reader."""

from __future__ import annotations

import json
import math
import os
import re
import select
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import pipeline
from pipeline.domain.errors import ProblemCode

from ..conftest import encode, tone
from .media import Mutant, mutant

READER = Path(__file__).with_name("reader.py")
MUTANTS = 1000
MAX_WAIT_S = 120
MAX_MEMORY_BYTES = 300 << 20

EXPECTED_CODES = {
    ProblemCode.FILE_EMPTY,
    ProblemCode.NOT_AUDIO,
    ProblemCode.AUDIO_TRUNCATED,
    ProblemCode.AUDIO_NO_SPEECH_TRACK,
    ProblemCode.BAD_FORMAT,
}


class Reader:
    """A process that reads files in `folder`; a new one is started where one has died."""

    def __init__(self, folder: Path, script: Path = READER) -> None:
        self._folder, self._script = folder, script
        self._process = self._started()

    def read(self, path: Path) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{path}\n".encode())
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], MAX_WAIT_S)
        line = self._process.stdout.readline() if ready else b""
        if line:
            found: dict[str, Any] = json.loads(line)
            return found
        if not ready:
            self._process.kill()
        code = self._process.wait()
        self.close()
        self._process = self._started()
        return {"died": signal.Signals(-code).name if code < 0 else f"exit {code}"}

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        root = str(Path(pipeline.__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        return subprocess.Popen(
            [sys.executable, str(self._script)],
            cwd=self._folder,
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def read_all(seeds: range, folder: Path) -> list[tuple[int, Mutant, dict[str, Any]]]:
    """What became of each mutant. A playlist finds a sound recording where it points to."""
    folder.mkdir()
    (folder / "other.wav").write_bytes(encode([tone(1, 440)], "wav", "pcm_s16le"))
    reader = Reader(folder)
    found = []
    try:
        for seed in seeds:
            made = mutant(seed)
            (folder / "mutant").write_bytes(made.content)
            found.append((seed, made, reader.read(folder / "mutant")))
    finally:
        reader.close()
    return found


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, Mutant, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("mutants")
    halves = [range(n, MUTANTS, 2) for n in range(2)]
    with ThreadPoolExecutor(2) as pool:
        read = pool.map(read_all, halves, [folder / str(n) for n in range(2)])
        return [each for half in read for each in half]


def wrongs(made: Mutant, found: dict[str, Any]) -> Iterator[str]:
    """What is wrong with what came of a mutant."""
    for what in ("died", "raised"):
        if what in found:
            yield f"{what}: {found[what]}"
    if found.get("memory_bytes", 0) > MAX_MEMORY_BYTES:
        yield f"took {found['memory_bytes'] >> 20} MiB"
    for code, what, remedy in found.get("problems", ()):
        if code not in EXPECTED_CODES or not all(re.search("[一-鿿]", text) for text in (what, remedy)):
            yield f"no reason: {code} {what} {remedy}"
    if found.get("problems") == []:
        yield "refused without a reason"
    if "duration_ms" in found:
        sizes, duration_ms = found["sizes"], found["duration_ms"]
        if len(sizes) not in (1, 2) or {size // 16 for size in sizes} != {duration_ms}:
            yield f"channels of {sizes} samples last {duration_ms} ms"
        if not made.least_ms <= duration_ms <= made.most_ms:
            yield f"lasts {duration_ms} ms instead of {made.least_ms} to {made.most_ms}"
        if not math.isfinite(found["peak"]):
            yield f"peak {found['peak']}"


def test_every_damaged_file_is_read_or_refused_with_a_reason(
    outcomes: list[tuple[int, Mutant, dict[str, Any]]],
) -> None:
    failures = [f"{seed}: {made.kind}: {wrong}" for seed, made, found in outcomes for wrong in wrongs(made, found)]
    assert failures == []


def test_the_damage_leads_to_every_outcome_that_a_recording_can_have(
    outcomes: list[tuple[int, Mutant, dict[str, Any]]],
) -> None:
    read = Counter("read" if "sizes" in found else found["problems"][0][0] for _, _, found in outcomes)
    assert {"read", *EXPECTED_CODES} <= set(read)
    assert min(read["read"], read[ProblemCode.NOT_AUDIO], read[ProblemCode.AUDIO_TRUNCATED]) >= MUTANTS // 20


def test_the_same_number_makes_the_same_damage() -> None:
    assert [mutant(seed) for seed in range(30)] == [mutant(seed) for seed in range(30)]


@pytest.mark.parametrize(
    ("deed", "died"),
    [("os.abort()", "SIGABRT"), ("os._exit(3)", "exit 3"), ("os.kill(os.getpid(), signal.SIGXCPU)", "SIGXCPU")],
)
def test_a_file_that_kills_its_reader_is_named_and_the_next_one_is_read(deed: str, died: str, tmp_path: Path) -> None:
    script = tmp_path / "reader.py"
    script.write_text(
        f"import os, signal, sys\nfor line in sys.stdin:\n    {deed} if 'bad' in line else print('{{}}', flush=True)\n"
    )
    reader = Reader(tmp_path, script)
    assert [reader.read(tmp_path / name) for name in ("good", "bad", "good")] == [{}, {"died": died}, {}]
    reader.close()
