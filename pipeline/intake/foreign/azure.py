"""Azure batch transcription: `recognizedPhrases[]` in ticks of 100 ns, or ISO 8601 durations."""

from __future__ import annotations

import math
import re

from pipeline.intake.foreign.document import Json, dig, has_objects, objects, pick
from pipeline.intake.foreign.spoken import Heard, Spoken, Spot, likely, name, plus, scaled, whole

_TICK_MS = 1e-4
_ISO = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:\.\d{1,9})?)S)?", re.ASCII)


def phrases(document: object) -> list[Spoken] | None:
    """`recognizedPhrases[] channel, speaker, offsetInTicks, durationInTicks, nBest[0] display, words`.

    `displayWords` come before `words`: these are as spoken (`five`), the text as written (`5`).
    """
    found = dig(document, "recognizedPhrases")
    if not has_objects(found, "nBest"):
        return None
    return [_phrase(one, spot) for spot, one in objects(found, "recognizedPhrases")]


def _phrase(one: Json, spot: str) -> Spoken:
    best = next((each for _, each in objects(one.get("nBest"), f"{spot}.nBest")), {})
    start_ms = _time(one, "offset")
    words = pick(best, "displayWords", "words")
    return Spoken(
        spot=Spot(key=spot),
        text=str(pick(best, "display", "lexical") or ""),
        start_ms=start_ms,
        end_ms=plus(start_ms, _time(one, "duration")),
        speaker=name(one.get("speaker")),
        channel=whole(one.get("channel")),
        words=tuple(_word(word) for _, word in objects(words, f"{spot}.nBest[0].words")),
    )


def _word(one: Json) -> Heard:
    start_ms = _time(one, "offset")
    text = str(pick(one, "displayText", "word") or "")
    return Heard(text, start_ms, plus(start_ms, _time(one, "duration")), likely(one.get("confidence")))


def _time(one: Json, key: str) -> float | None:
    """`offsetInTicks`, else `offset` as `PT1M2.5S`."""
    ticks, written = one.get(f"{key}InTicks"), one.get(key)
    if ticks is not None or written is None:
        return scaled(ticks, _TICK_MS)
    found = _ISO.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        return math.nan
    hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return (hours * 3600 + minutes * 60 + seconds) * 1000
