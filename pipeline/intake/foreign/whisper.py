"""Whisper and its kin (OpenAI's API, faster-whisper, whisper-timestamped, whisperX): seconds as numbers."""

from __future__ import annotations

from pipeline.intake.foreign.document import Json, dig, has_objects, objects, pick
from pipeline.intake.foreign.spoken import Heard, Spoken, Spot, likely, name, scaled, share_out


def segments(document: object) -> list[Spoken] | None:
    """`segments[] start, end, text, speaker?, words[] word, start, end, probability?`, or the array alone.

    OpenAI's API gives the words of all segments together. whisperX leaves out the times of words that it could not
    align; its `score` is how well a word was aligned, not how surely it was heard, and does not count.
    """
    alone = isinstance(document, list)
    found = document if alone else dig(document, "segments")
    if not has_objects(found, "text") or (alone and not has_objects(found, "start")) or (alone and not document):
        return None
    said = [_segment(one, spot) for spot, one in objects(found, "segments")]
    words = [(None, _word(one)) for _, one in objects(dig(document, "words"), "words")]
    return share_out(words, said) if words and not any(one.words for one in said) else said


def _segment(one: Json, spot: str) -> Spoken:
    return Spoken(
        spot=Spot(key=spot),
        text=str(one.get("text") or ""),
        start_ms=scaled(one.get("start"), 1000),
        end_ms=scaled(one.get("end"), 1000),
        speaker=name(one.get("speaker")),
        words=tuple(_word(word) for _, word in objects(one.get("words"), f"{spot}.words")),
    )


def _word(one: Json) -> Heard:
    return Heard(
        str(pick(one, "word", "text") or ""),
        scaled(one.get("start"), 1000),
        scaled(one.get("end"), 1000),
        likely(pick(one, "probability", "confidence")),
    )
