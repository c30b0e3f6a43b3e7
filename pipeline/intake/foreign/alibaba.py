"""Alibaba Cloud: 智能语音交互 录音文件识别, 百炼 (Paraformer, Fun-ASR), 通义听悟. All times are milliseconds."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.intake.foreign.document import Json, dig, has_objects, objects, pick
from pipeline.intake.foreign.spoken import Heard, Spoken, Spot, joined, name, scaled, share_out, whole

_BEGIN = ("BeginTime", "beginTime", "begin_time")
_END = ("EndTime", "endTime", "end_time")


def sentences(document: object) -> list[Spoken] | None:
    """`Result.Sentences[] ChannelId, SpeakerId, BeginTime, EndTime, Text`; words in each or all in `Result.Words`.

    Messages and callbacks of the same service write the keys with small letters, and without `Result`.
    """
    for path in (("Result",), ("result",), ()):
        result = dig(document, *path)
        for key in ("Sentences", "sentences"):
            found = dig(result, key)
            if has_objects(found, *_BEGIN):
                where = ".".join((*path, key))
                said = [_sentence(one, spot) for spot, one in objects(found, where)]
                words = [
                    (_channel(one), _word(one)) for _, one in objects(pick(result, "Words", "words"), f"{where}.Words")
                ]
                return share_out(words, said) if words else said
    return None


def transcripts(document: object) -> list[Spoken] | None:
    """`transcripts[] channel_id, sentences[] begin_time, end_time, text, speaker_id, words[]`."""
    found = dig(document, "transcripts")
    if not has_objects(found, "sentences"):
        return None
    return [
        _sentence({"channel_id": one.get("channel_id"), **sentence}, where)
        for spot, one in objects(found, "transcripts")
        for where, sentence in objects(one.get("sentences"), f"{spot}.sentences")
    ]


def paragraphs(document: object) -> list[Spoken] | None:
    """通义听悟: `Transcription.Paragraphs[] SpeakerId, Words[] SentenceId, Start, End, Text`, by sentence."""
    for path in (("Transcription",), ()):
        found = dig(document, *path, "Paragraphs")
        if has_objects(found, "Words"):
            where = ".".join((*path, "Paragraphs"))
            return [said for spot, one in objects(found, where) for said in _paragraph(one, spot)]
    return None


def _paragraph(paragraph: Json, spot: str) -> Iterator[Spoken]:
    by_sentence: dict[object, list[Json]] = {}
    for _, word in objects(paragraph.get("Words"), f"{spot}.Words"):
        by_sentence.setdefault(str(word.get("SentenceId")), []).append(word)
    for words in by_sentence.values():
        heard = [Heard(_text(w), scaled(w.get("Start")), scaled(w.get("End"))) for w in words]
        yield Spoken(
            spot=Spot(key=spot),
            text=joined(h.text for h in heard),
            speaker=name(paragraph.get("SpeakerId")),
            words=tuple(heard),
        )


def _sentence(one: Json, spot: str) -> Spoken:
    return Spoken(
        spot=Spot(key=spot),
        text=_text(one),
        start_ms=scaled(pick(one, *_BEGIN)),
        end_ms=scaled(pick(one, *_END)),
        speaker=name(pick(one, "SpeakerId", "speakerId", "speaker_id")),
        channel=_channel(one),
        words=tuple(_word(word) for _, word in objects(pick(one, "Words", "words"), f"{spot}.Words")),
    )


def _word(one: Json) -> Heard:
    return Heard(_text(one), scaled(pick(one, *_BEGIN)), scaled(pick(one, *_END)))


def _text(one: Json) -> str:
    return str(pick(one, "Text", "text", "Word", "word") or "")


def _channel(one: Json) -> int | None:
    return whole(pick(one, "ChannelId", "channelId", "channel_id"))
