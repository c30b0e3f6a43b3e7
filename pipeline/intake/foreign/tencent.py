"""Tencent Cloud 录音文件识别: `ResultDetail[]` in milliseconds, words relative to their sentence."""

from __future__ import annotations

from pipeline.intake.foreign.document import Json, dig, has_objects, objects
from pipeline.intake.foreign.spoken import Heard, Spoken, Spot, name, plus, scaled


def details(document: object) -> list[Spoken] | None:
    """`ResultDetail[] SpeakerId, StartMs, EndMs, FinalSentence, Words[] Word, OffsetStartMs, OffsetEndMs`.

    `SpeakerId` is a channel's number in two-channel jobs and a speaker's in others, and the result does not say which:
    it never tells roles.
    """
    for path in (("Response", "Data"), ("Data",), ()):
        found = dig(document, *path, "ResultDetail")
        if has_objects(found, "FinalSentence"):
            where = ".".join((*path, "ResultDetail"))
            return [_sentence(one, spot) for spot, one in objects(found, where)]
    return None


def _sentence(one: Json, spot: str) -> Spoken:
    start_ms = scaled(one.get("StartMs"))
    words = objects(one.get("Words"), f"{spot}.Words")
    return Spoken(
        spot=Spot(key=spot),
        text=str(one.get("FinalSentence") or ""),
        start_ms=start_ms,
        end_ms=scaled(one.get("EndMs")),
        speaker=name(one.get("SpeakerId")),
        words=tuple(
            Heard(
                str(word.get("Word") or ""),
                plus(start_ms, scaled(word.get("OffsetStartMs"))),
                plus(start_ms, scaled(word.get("OffsetEndMs"))),
            )
            for _, word in words
        ),
    )
