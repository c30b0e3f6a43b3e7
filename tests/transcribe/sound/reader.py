"""A process that reads recordings, so that one that kills its reader or never ends is found out and named.

Each line of its input is a path, each line of its output what came of it, as JSON. A file may take `_MAX_CPU_S`, then
the system ends the process.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.domain.errors import AudioError
from pipeline.transcribe.sound.audio import read_audio

_MAX_CPU_S = 20
_MAX_ADDRESSES_BYTES = 6 << 30  # protects the machine: the libraries alone reserve one, and what is used is measured


def outcome(path: Path) -> dict[str, Any]:
    try:
        recording = read_audio(path)
    except AudioError as error:
        return {"problems": [[str(problem.code), problem.what, problem.remedy] for problem in error.problems]}
    except BaseException as error:
        return {"raised": f"{type(error).__name__}: {error}"}
    return {
        "duration_ms": recording.duration_ms,
        "sizes": [len(channel) for channel in recording.channels],
        "peak": max(float(np.abs(channel[:]).max()) for channel in recording.channels),
    }


def most_memory_bytes() -> int:
    """The most that this process ever had in memory. On Linux `ru_maxrss` begins with what the parent process had."""
    status = Path("/proc/self/status")
    if status.exists():
        return 1024 * int(status.read_text().partition("VmHWM:")[2].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def limit(what: int, most: int) -> None:
    resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def main() -> None:
    limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        limit(resource.RLIMIT_AS, _MAX_ADDRESSES_BYTES)
    for line in sys.stdin:
        limit(resource.RLIMIT_CPU, int(time.process_time()) + _MAX_CPU_S)
        before = most_memory_bytes()
        found = outcome(Path(line.strip()))
        found["memory_bytes"] = most_memory_bytes() - before
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
