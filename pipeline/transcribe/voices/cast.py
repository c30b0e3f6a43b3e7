"""Which role each voice of a recording has, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.domain.transcript import LineSound, Role
from pipeline.transcribe.engine import HeardWord, Samples, Separator
from pipeline.transcribe.turns import Heard, Voice
from pipeline.transcribe.voices.roles import find_agent, roles_fingerprint

LEAST_CONFIDENCE = 0.9
"""Under it what is said does not tell who is the agent: on 339 real hotline calls no answer above it was wrong, even
from the first ten turns alone."""
SWAPPED_CONFIDENCE = 0.99
"""From it on what is said contradicts what the user wrote about the channels."""
_SEPARATION = 1
"""Raised when telling two voices apart could give another answer."""
_CHANNEL_NAMES = ("左声道(0)", "右声道(1)")


@dataclass(frozen=True, slots=True)
class Cast:
    """The voices with their roles; `note` says, in Chinese, why the roles are not known.

    `sounds` are the tones, keys and music on the line by their start.
    """

    voices: tuple[Voice, ...]
    roles_known: bool
    note: str = ""
    sounds: tuple[LineSound, ...] = ()


def cast_fingerprint() -> str:
    """Changes whenever a role could."""
    return f"{roles_fingerprint()}/{LEAST_CONFIDENCE}/{SWAPPED_CONFIDENCE}/{_SEPARATION}"


def cast_channels(heard: Sequence[Heard], declared: int | None) -> Cast:
    """The roles of two channels: as `declared` (the agent's, 0 or 1), else by what is said in them.

    What is declared and plainly contradicted by what is said is not known: the channels may have been swapped.
    """
    found = find_agent(*(_text(one) for one in heard))
    agent = found.index if declared is None else declared
    confidence = found.confidence if declared is None else 1.0
    roles = [Role.AGENT if index == agent else Role.CUSTOMER for index in range(len(heard))]
    voices = tuple(
        Voice(role, one, confidence, side) for side, (role, one) in enumerate(zip(roles, heard, strict=True))
    )
    if declared is None and confidence < LEAST_CONFIDENCE:
        return Cast(_nameless(voices), roles_known=False, note=_NOT_TOLD)
    if agent != found.index and found.confidence >= SWAPPED_CONFIDENCE:
        return Cast(voices, roles_known=False, note=_swapped(agent))
    return Cast(voices, roles_known=True)


def cast_mono(heard: Heard, audio: Samples, separator: Separator | None = None) -> Cast:
    """The roles of two voices on one channel (16 kHz): told apart by their sound, named by what they say.

    `separator`: what tells them apart; None for our own. A third voice is given to one of the two.

    Raises:
        ModelError: the separator broke down.
    """
    from pipeline.transcribe.voices.speakers import separate

    spoken = [(word.start_ms, word.end_ms) for word in heard.words]
    speakers = separator.separate(audio, spoken) if separator else separate(audio, spoken)
    apart: tuple[list[HeardWord], list[HeardWord]] = ([], [])
    for word in heard.words:
        speaker, certainty = speakers.of(word.start_ms, word.end_ms)
        apart[max(speaker, 0)].append(replace(word, certainty=certainty))
    found = find_agent(*("".join(word.text for word in words) for words in apart))
    invented = Voice(Role.OTHER, Heard((), heard.apart))
    if found.confidence < LEAST_CONFIDENCE:
        return Cast((Voice(Role.OTHER, heard),), roles_known=False, note=_NOT_APART)
    roles = [Role.AGENT if index == found.index else Role.CUSTOMER for index in (0, 1)]
    voices = (Voice(role, Heard(tuple(words)), found.confidence, 0) for role, words in zip(roles, apart, strict=True))
    return Cast((*voices, invented), roles_known=True)


_NOT_TOLD = "听不出哪个声道是客服,请在清单里填写坐席声道"
_NOT_APART = "单声道录音,分不出客服和客户"


def _swapped(declared: int) -> str:
    wrong, right = _CHANNEL_NAMES[declared], _CHANNEL_NAMES[1 - declared]
    return f"坐席声道写的是{wrong},但听起来{right}才是客服,声道可能接反了,请核对"


def _nameless(voices: Sequence[Voice]) -> tuple[Voice, ...]:
    return tuple(replace(voice, role=Role.OTHER, confidence=1.0) for voice in voices)


def _text(heard: Heard) -> str:
    return "".join(word.text for word in heard.words)
