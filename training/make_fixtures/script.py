"""The dialogue of a scene: utterances and pauses with their marks. See the package's docstring for the language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pipeline.domain.transcript import Role
from training.voice.reading import written

ROLES: Mapping[str, Role] = {"客服": Role.AGENT, "客户": Role.CUSTOMER}

_HALF_WIDTH = str.maketrans(dict(zip("\uff08\uff09\uff1a\uff0c\uff1f\uff01", "():,?!", strict=True)))
"""Brackets and punctuation of a Chinese keyboard, so that either way of typing them will do."""
_SPEAKER = re.compile(r"(\S+?)\s*:\s*(.*)")
_LEADING_MARK = re.compile(r"\s*\(([^()]*)\)\s*")
_FAULT = re.compile(r"\s*\(违规\s+([a-z]+(?:\.[a-z_]+){2})\s+([^()]+)\)\s*$")
_TIMED = re.compile(r"(停顿|音乐|铃声|嘈杂|抢话)\s*(\d+(?:\.\d+)?)(ms|s)")
_SPOKEN = re.compile(r"(?:[一-鿿,。?!、]|#\d+|\d+(?:\.\d+)?%?|[A-Za-z]+|(?<=[A-Za-z0-9]) (?=[A-Za-z0-9]))+")
_SOUNDED = re.compile(r"[一-鿿A-Za-z0-9]")


class Sound(StrEnum):
    """What is heard while nobody speaks."""

    MUSIC = "music"
    RING = "ring"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that is broken here, and why a person would say so."""

    rule_id: str
    note: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """One turn as it is to be said. `overlap_ms` is how long before the other speaker's end it starts."""

    role: Role
    text: str
    overlap_ms: int = 0
    rate_factor: float = 1.0
    gain_db: float = 0.0
    pitch_steps: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def is_agent(self) -> bool:
        return self.role is Role.AGENT

    @property
    def written(self) -> str:
        """The text as a person writes it: without the `#` that has a number read digit by digit."""
        return written(self.text)


@dataclass(frozen=True, slots=True)
class Pause:
    """Nobody speaks for `length_ms`; there is silence, or a sound."""

    length_ms: int
    sound: Sound | None = None
    faults: tuple[Fault, ...] = ()


Script = tuple[Utterance | Pause, ...]


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a line; `row` is the line that a person sees in the file."""

    row: int
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Delivery:
    """What a mark without a figure changes in an utterance."""

    rate_factor: float = 1.0
    gain_db: float = 0.0
    pitch_steps: int = 0


DELIVERY: Mapping[str, _Delivery] = {
    "快": _Delivery(rate_factor=1.4),
    "慢": _Delivery(rate_factor=0.8),
    "大声": _Delivery(gain_db=7.0),
    "小声": _Delivery(gain_db=-7.0),
    "高音": _Delivery(pitch_steps=15),
    "低音": _Delivery(pitch_steps=-15),
}

PAUSES: Mapping[str, Sound | None] = {"停顿": None, "音乐": Sound.MUSIC, "铃声": Sound.RING, "嘈杂": Sound.NOISE}


class _BadLineError(Exception):
    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(slots=True)
class _Parser:
    items: list[Utterance | Pause] = field(default_factory=list)

    def read(self, line: str) -> None:
        body, faults = _take_faults(line)
        pause = _LEADING_MARK.fullmatch(body)
        if pause is not None:
            self.items.append(self._pause(pause[1].strip(), faults))
            return
        speaker = _SPEAKER.fullmatch(body.strip())
        if speaker is None or speaker[1] not in ROLES:
            raise _BadLineError(f"看不出是谁在说话: {line.strip()}", "请以“客服:”或“客户:”开头")
        self.items.append(self._utterance(ROLES[speaker[1]], speaker[2], faults))

    def _pause(self, mark: str, faults: tuple[Fault, ...]) -> Pause:
        kind, length_ms = _timed(mark)
        if kind not in PAUSES:
            raise _BadLineError(f"标记({mark})不能单独成行", f"单独成行的只有{_names(PAUSES)}")
        sound = PAUSES[kind]
        if sound is Sound.RING:
            if self.items:
                raise _BadLineError("铃声之前已经有内容", "铃声只能写在第一行")
        elif not self.items or isinstance(self.items[-1], Pause):
            raise _BadLineError(f"{kind}前面没有人说话", f"请把{kind}放在两句话之间")
        return Pause(length_ms, sound, faults)

    def _utterance(self, role: Role, body: str, faults: tuple[Fault, ...]) -> Utterance:
        utterance = Utterance(role, "", faults=faults)
        while (mark := _LEADING_MARK.match(body)) is not None:
            utterance = self._apply(utterance, mark[1].strip())
            body = body[mark.end() :]
        text = body.strip()
        if not _SPOKEN.fullmatch(text) or not _SOUNDED.search(text):
            raise _BadLineError(
                f"这句话无法读出: {text or '(空)'}", "可以写汉字、标点、数字(24、#12315、3.5%)和英文词,标记请放在句首"
            )
        return replace(utterance, text=text)

    def _apply(self, utterance: Utterance, mark: str) -> Utterance:
        if mark in DELIVERY:
            change = DELIVERY[mark]
            return replace(
                utterance,
                rate_factor=utterance.rate_factor * change.rate_factor,
                gain_db=utterance.gain_db + change.gain_db,
                pitch_steps=utterance.pitch_steps + change.pitch_steps,
            )
        kind, length_ms = _timed(mark)
        if kind in PAUSES:
            raise _BadLineError(f"{kind}要单独成行", f"请把({mark})写在这句话的上一行")
        previous = self.items[-1] if self.items else None
        if not isinstance(previous, Utterance) or previous.role is utterance.role:
            raise _BadLineError("抢话之前没有对方在说话", "抢话要紧跟在对方的一句话后面")
        return replace(utterance, overlap_ms=length_ms)


def parse_script(text: str, *, first_row: int) -> tuple[Script, tuple[Complaint, ...]]:
    """The dialogue in `text`, and a complaint for each line that is not understood; empty lines are skipped."""
    parser = _Parser()
    complaints = []
    for row, line in enumerate(text.splitlines(), start=first_row):
        if not line.strip():
            continue
        try:
            parser.read(line.translate(_HALF_WIDTH))
        except _BadLineError as error:
            complaints.append(Complaint(row, error.what, error.remedy))
    if not complaints and not any(isinstance(item, Utterance) for item in parser.items):
        complaints.append(Complaint(first_row, "没有对话", "请在 lines 下写出对话"))
    return tuple(parser.items), tuple(complaints)


def _take_faults(line: str) -> tuple[str, tuple[Fault, ...]]:
    faults: list[Fault] = []
    while (match := _FAULT.search(line)) is not None:
        faults.insert(0, Fault(match[1], match[2].strip()))
        line = line[: match.start()]
    return line, tuple(faults)


def _timed(mark: str) -> tuple[str, int]:
    match = _TIMED.fullmatch(mark)
    if match is None:
        raise _BadLineError(
            f"不认识标记({mark})",
            f"单独成行的有{_names(PAUSES)},句首的有(抢话 800ms)、{_names(DELIVERY, '')},句末的有(违规 规则 说明)",
        )
    return match[1], round(float(match[2]) * (1000 if match[3] == "s" else 1))


def _names(marks: Mapping[str, object], length: str = " 3s") -> str:
    return "、".join(f"({name}{length})" for name in marks)
