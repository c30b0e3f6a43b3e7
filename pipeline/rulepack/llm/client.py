"""The client of an OpenAI-compatible server: the only place of the rules from which anything leaves the machine.

What leaves is a rule's criterion and the masked text of a call, with no name, number or id of the call. A key is sent
to the configured address alone (redirects are not followed) and stands in no message, file or digest.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from pipeline.rulepack.llm.memory import AnswerMemory
from pipeline.rulepack.llm.question import Answer, NoAnswerError, Question, read_answer

SEED = 7
MAX_RESPONSE_BYTES = 1_000_000
LONGEST_WAIT_S = 10.0
PATIENCE = 3
"""Questions in a row that the server leaves unanswered before it is let alone for `REST_S`."""
REST_S = 300.0

_TRY_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_REFUSED = {401: "不接受密钥(401)", 403: "不接受密钥(403)", 404: "没有这个地址或模型(404)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmSettings:
    """`url`: the base of the API, such as `http://localhost:8000/v1`. `max_characters`: how much of a call is shown.

    `timeout_s` bounds every wait for the server, and the reading of its answer; between `attempts` no more than
    `LONGEST_WAIT_S` go by.
    """

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    timeout_s: float = 30.0
    max_tokens: int = 400
    max_characters: int = 12_000
    attempts: int = 3


class _PassingError(Exception):
    """What may be gone at the next attempt; `after_s`: when the server wants it."""

    def __init__(self, what: str, after_s: float | None = None) -> None:
        super().__init__(what)
        self.after_s = after_s


class _ClosedError(NoAnswerError):
    """What every other question would meet too."""


class ChatClient:
    """A `LanguageModel` behind a URL. The same question is asked once: answers stay in `memory`.

    A server that refuses the key, or leaves `PATIENCE` questions in a row unanswered, is not asked again for `REST_S`
    seconds, so that a run over many calls comes to its end.
    """

    def __init__(
        self,
        settings: LlmSettings,
        memory: AnswerMemory,
        *,
        wait: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._memory, self._wait, self._clock = settings, memory, wait, clock
        base = settings.url.rstrip("/")
        self._endpoint = base if base.endswith("/chat/completions") else f"{base}/chat/completions"
        self._failed = self._unanswered = 0
        self._rest_until = 0.0
        self._rest_why = ""

    @property
    def name(self) -> str:
        return self._settings.model

    @property
    def max_characters(self) -> int:
        return self._settings.max_characters

    @property
    def fingerprint(self) -> str:
        """What decides the answers, for digests: not the key, not the patience."""
        probe = Question(criterion="", speaker="", lines=())
        return self._digest(self._body(probe), self._settings.max_characters)

    @property
    def unanswered(self) -> int:
        """How many questions the server left unanswered so far: they are worth asking again in another run."""
        return self._unanswered

    def answer(self, question: Question) -> Answer:
        """The remembered answer, or a new one. Raises NoAnswerError."""
        body = self._body(question)
        digest = self._digest(body)
        known = self._memory.get(digest)
        if known is not None:
            return known
        if self._clock() < self._rest_until:
            self._unanswered += 1
            raise NoAnswerError(f"{self._rest_why},暂不再问")
        answer = read_answer(_content(self._ask(body)))
        self._memory.put(digest, answer)
        return answer

    def _body(self, question: Question) -> dict[str, Any]:
        return {
            "model": self._settings.model,
            "messages": question.messages,
            "temperature": 0,
            "seed": SEED,
            "max_tokens": self._settings.max_tokens,
            "response_format": {"type": "json_object"},
        }

    def _digest(self, *parts: Any) -> str:
        return hashlib.sha256(json.dumps([self._endpoint, *parts], sort_keys=True).encode()).hexdigest()

    def _ask(self, body: dict[str, Any]) -> bytes:
        """The server's response, after as many attempts as are allowed."""
        what = ""
        for attempt in range(1, self._settings.attempts + 1):
            try:
                response = self._post(body)
            except _PassingError as passing:
                what = str(passing)
                if attempt < self._settings.attempts:
                    self._wait(min(passing.after_s or float(attempt), LONGEST_WAIT_S))
            except _ClosedError as closed:
                self._unanswered += 1
                self._rest(str(closed))
                raise
            else:
                self._failed = 0
                return response
        self._failed += 1
        self._unanswered += 1
        why = f"试了 {self._settings.attempts} 次,{what}"
        if self._failed >= PATIENCE:
            self._rest(why)
        raise NoAnswerError(why)

    def _rest(self, why: str) -> None:
        """Lets the server alone for a while."""
        self._rest_until, self._rest_why, self._failed = self._clock() + REST_S, why, 0

    def _post(self, body: dict[str, Any]) -> bytes:
        settings = self._settings
        headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        deadline = self._clock() + settings.timeout_s
        received = bytearray()
        try:
            with httpx.stream(
                "POST", self._endpoint, json=body, headers=headers, timeout=settings.timeout_s, follow_redirects=False
            ) as response:
                _check_status(response)
                for chunk in response.iter_bytes():
                    received += chunk
                    if len(received) > MAX_RESPONSE_BYTES:
                        raise NoAnswerError("回答太长")
                    if self._clock() > deadline:
                        raise _PassingError(f"{settings.timeout_s:g} 秒内没有答完")
        except httpx.TimeoutException:
            raise _PassingError(f"{settings.timeout_s:g} 秒内没有回答") from None
        except httpx.HTTPError as error:
            raise _PassingError(f"连接不上({type(error).__name__})") from None
        return bytes(received)


def _content(response: bytes) -> str:
    try:
        content = json.loads(response)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        raise NoAnswerError("服务器的回应不是 OpenAI 的格式") from None
    if not isinstance(content, str):
        raise NoAnswerError("服务器没有给出回答")
    return content


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status == httpx.codes.OK:
        return
    if status in _TRY_AGAIN:
        raise _PassingError(f"服务器回应 {status}", _retry_after_s(response))
    if status in _REFUSED:
        raise _ClosedError(f"服务器{_REFUSED[status]}")
    if response.is_redirect:
        raise _ClosedError(f"服务器要转到别的地址({status}),没有照办")
    raise NoAnswerError(f"服务器回应 {status}")


def _retry_after_s(response: httpx.Response) -> float | None:
    """Of its two forms, a number of seconds is read; a date counts as none."""
    written = response.headers.get("Retry-After", "")
    return float(written) if written.isascii() and written.isdigit() and len(written) < 6 else None
