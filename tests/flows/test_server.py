"""With a Prefect server configured, a run shows up there, with its summary as an artifact."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

LONGEST_WAIT_S = 120


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The API address of a real server on loopback."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PREFECT_HOME": str(tmp_path / "server"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/api"
    try:
        end = time.monotonic() + LONGEST_WAIT_S
        while not _healthy(url):
            assert process.poll() is None, "the server ended"
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait()


def _healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_a_run_with_a_server_shows_its_flow_tasks_and_summary(server: str, recordings: Path, tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PREFECT_HOME"} | {"PREFECT_API_URL": server}
    command = [
        sys.executable,
        "-m",
        "flows.cli",
        "run",
        str(recordings / "chats.jsonl"),
        "--out",
        str(tmp_path / "lake"),
    ]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    (flow_run,) = httpx.post(f"{server}/flow_runs/filter", json={}).json()
    assert flow_run["state_type"] == "COMPLETED"
    assert flow_run["name"].startswith("run-")
    (artifact,) = httpx.post(f"{server}/artifacts/filter", json={}).json()
    assert artifact["key"] == "inspection-summary"
    assert "| 本次质检 | 2 |" in artifact["data"]
