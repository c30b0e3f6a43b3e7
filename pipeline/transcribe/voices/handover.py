"""A second agent on the agent's channel: found where a new greeting comes and the voice changes with it.

Both must hold. The greeting is one with a name, a number or an office, or, soon after words about a transfer, any; 4 of
339 real hotline calls (FOSAED, which has no sound) and none of the fixtures have one with enough said on either side.
The voice has changed where two voices parted by their sound (`speakers.separate`) lie on either side of that greeting,
nearly without exception, and differ by more than one voice does in itself. A colleague who says little, or an agent
who comes back, is not found, and then nothing is changed; nor is anybody on a shared channel, where three voices
cannot be told apart without a trained model.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.domain.transcript import Role
from pipeline.text import normalise
from pipeline.transcribe.engine import SAMPLE_RATE_HZ, HeardWord, Samples
from pipeline.transcribe.turns import Heard, Voice
from pipeline.transcribe.voices.cast import Cast

# Chosen on 49 of the fixtures' stereo recordings: an agent's channel cut at any turn and parted gives at most 0.84 on
# its weaker side, the joined halves of two agents' channels 0.98 and more.
LEAST_SHARE = 0.95
# That is not enough on real voices (pyannote's telephone sample and excerpts of AMI meetings, 11 to 28 s): of 12 cuts
# through four of them one parted as cleanly. Within these the difference below is 0.49 to 0.93, and 0.57 between the
# two women of the sample; on fixtures up to 0.47 within a voice and, for 16 of 21 pairs, above 1 between two. So some
# handovers are missed.
LEAST_DIFFERENCE = 1.0
"""Of the mean spectral shape (cepstra), by its spread from second to second."""
LEAST_SPEECH_MS = 8_000
"""What each of two voices must say."""

_SECOND, _LEAST_SECONDS = 100, 4  # frames that tell a voice
_PAUSE_MS = 300
_TRANSFER_MS = 120_000
"""So long after words about a transfer any greeting may be the other's."""
_OFFICES = "主管|经理|专员|组长|店长|班长|值班|客服|顾问|工程师"
_GREETING = re.compile(r"^(喂)?(您好|你好)")
_INTRODUCTION = re.compile(rf"工号|我是.{{0,12}}({_OFFICES})|我姓|为您服务|这里是|我是小.")
_TRANSFER = re.compile(
    rf"转接|转给|转到|帮您转|给您转|为您转|请.{{0,4}}({_OFFICES}|同事|领导)|让.{{0,4}}({_OFFICES}|同事|领导)|"
    rf"({_OFFICES}|同事)(来|跟您|和您|为您|接听|接待)"
)


def with_second_agent(cast: Cast, channels: Sequence[Samples]) -> Cast:
    """The cast with what a second agent says under `Role.OTHER`, where there plainly is one.

    `channels` are those of `cast.voices`, in their order (16 kHz). A cast whose roles are not known stays as it is.
    """
    if not cast.roles_known or len(channels) != len(cast.voices):
        return cast
    voices: list[Voice] = []
    for voice, audio in zip(cast.voices, channels, strict=True):
        at = _handed_over(voice.heard.words, audio) if voice.role is Role.AGENT else None
        if at is None:
            voices.append(voice)
            continue
        first, second = voice.heard.words[:at], voice.heard.words[at:]
        voices += [replace(voice, heard=Heard(first, voice.heard.apart)), Voice(Role.OTHER, Heard(second))]
    return replace(cast, voices=tuple(voices))


def handover_fingerprint() -> str:
    """Changes whenever a second agent could be found elsewhere."""
    cues = f"{_GREETING.pattern} {_INTRODUCTION.pattern} {_TRANSFER.pattern}"
    limits = f"{LEAST_SHARE} {LEAST_DIFFERENCE} {LEAST_SPEECH_MS} {_TRANSFER_MS} {_PAUSE_MS}"
    return hashlib.sha256(f"{limits} {cues}".encode()).hexdigest()[:8]


def _handed_over(words: Sequence[HeardWord], audio: Samples) -> int | None:
    """The first word of the second agent."""
    from pipeline.transcribe.voices.speakers import separate

    greetings = [at for at in _greetings(words) if _both_speak(words, at)]
    if not greetings:
        return None
    speakers = separate(audio, [(word.start_ms, word.end_ms) for word in words])
    labels = [speakers.of(word.start_ms, word.end_ms)[0] for word in words]
    return next((at for at in greetings if _changes(words, labels, at) and _differ(audio, words, at)), None)


def _changes(words: Sequence[HeardWord], labels: Sequence[int], at: int) -> bool:
    before, after = (_share_of_second(words[part], labels[part]) for part in (slice(0, at), slice(at, None)))
    return min(1 - before, after) >= LEAST_SHARE or min(before, 1 - after) >= LEAST_SHARE


def _differ(audio: Samples, words: Sequence[HeardWord], at: int) -> bool:
    """Whether the voices before and after differ more than the seconds of each do."""
    import numpy as np

    from pipeline.transcribe.voices.voiceprint import FRAME_MS, voiceprint

    speech = np.zeros(len(audio) // (SAMPLE_RATE_HZ * FRAME_MS // 1000), bool)
    for word in words:
        speech[word.start_ms // FRAME_MS : word.end_ms // FRAME_MS] = True
    if not speech.any():
        return False
    voice = voiceprint(audio, speech)
    border = int(speech[: words[at].start_ms // FRAME_MS].sum())
    means, spreads = [], []
    for part in (slice(0, border), slice(border, None)):
        cepstra = voice.cepstra[part][voice.telling[part]]
        seconds = cepstra[: len(cepstra) // _SECOND * _SECOND].reshape(-1, _SECOND, cepstra.shape[1]).mean(1)
        if len(seconds) < _LEAST_SECONDS:
            return False
        means.append(seconds.mean(0))
        spreads.append(seconds.var(0))
    apart = (means[0] - means[1]) / (np.sqrt((spreads[0] + spreads[1]) / 2) + 0.05)
    return bool(np.sqrt((apart**2).mean()) >= LEAST_DIFFERENCE)


def _share_of_second(words: Sequence[HeardWord], labels: Sequence[int]) -> float:
    told = [(word.end_ms - word.start_ms, label) for word, label in zip(words, labels, strict=True) if label >= 0]
    return sum(ms * label for ms, label in told) / max(1, sum(ms for ms, _ in told))


def _greetings(words: Sequence[HeardWord]) -> Iterator[int]:
    """The words at which a second agent may begin."""
    transfer_ms: int | None = None
    for first, last in _stretches(words):
        text = normalise("".join(word.text for word in words[first:last])).text
        transferred = transfer_ms is not None and words[first].start_ms - transfer_ms <= _TRANSFER_MS
        if first and _GREETING.match(text) and (transferred or _INTRODUCTION.search(text)):
            yield first
        if _TRANSFER.search(text):
            transfer_ms = words[last - 1].end_ms


def _stretches(words: Sequence[HeardWord]) -> Iterator[tuple[int, int]]:
    first = 0
    for at in range(1, len(words) + 1):
        if at == len(words) or words[at].start_ms - words[at - 1].end_ms >= _PAUSE_MS:
            yield first, at
            first = at


def _both_speak(words: Sequence[HeardWord], at: int) -> bool:
    parts = (words[:at], words[at:])
    return min(sum(word.end_ms - word.start_ms for word in part) for part in parts) >= LEAST_SPEECH_MS
