from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pipeline.rulepack.llm.client import ChatClient, LlmSettings
from pipeline.rulepack.llm.memory import AnswerMemory
from tests.rulepack.llm.server import Server, running

Connect = Callable[..., ChatClient]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def waits() -> list[float]:
    """The seconds that the client would have waited between attempts."""
    return []


@pytest.fixture
def connect(server: Server, waits: list[float]) -> Connect:
    """A client of the server that waits for nothing between attempts."""

    def build(
        memory: AnswerMemory | None = None, *, now: Callable[[], float] = lambda: 0.0, **set_: object
    ) -> ChatClient:
        settings = replace(LlmSettings(url=server.url, model="test-model", timeout_s=20), **set_)  # type: ignore[arg-type]
        return ChatClient(settings, memory or AnswerMemory(), wait=waits.append, clock=now)

    return build
