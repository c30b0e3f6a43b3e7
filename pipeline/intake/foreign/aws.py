"""Amazon: Transcribe (seconds in strings), Transcribe Call Analytics and Connect Contact Lens (milliseconds)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.intake.foreign.document import Json, dig, has_objects, objects, pick
from pipeline.intake.foreign.spoken import Heard, Spoken, Spot, in_runs, likely, name, scaled, whole


def conversation(document: object) -> list[Spoken] | None:
    """`Transcript[] ParticipantRole or ParticipantId, Content, BeginOffsetMillis, EndOffsetMillis, Items[]`.

    Contact Lens may name the roles of its participants in `Participants[]`.
    """
    found = dig(document, "Transcript")
    if not has_objects(found, "Content"):
        return None
    roles = {
        name(one.get("ParticipantId")): name(one.get("ParticipantRole"))
        for _, one in objects(dig(document, "Participants"), "Participants")
    }
    return [_utterance(one, spot, roles) for spot, one in objects(found, "Transcript")]


def _utterance(one: Json, spot: str, roles: dict[str | None, str | None]) -> Spoken:
    who = name(one.get("ParticipantId"))
    return Spoken(
        spot=Spot(key=spot),
        text=str(one.get("Content") or ""),
        start_ms=scaled(one.get("BeginOffsetMillis")),
        end_ms=scaled(one.get("EndOffsetMillis")),
        speaker=name(one.get("ParticipantRole")) or roles.get(who) or who,
        words=tuple(
            Heard(
                str(item.get("Content") or ""),
                scaled(item.get("BeginOffsetMillis")),
                scaled(item.get("EndOffsetMillis")),
                likely(item.get("Confidence")),
            )
            for _, item in objects(one.get("Items"), f"{spot}.Items")
        ),
    )


def items(document: object) -> list[Spoken] | None:
    """`results.items[] start_time, end_time, alternatives[0] content, confidence`, joined to turns.

    The speaker of an item is its `speaker_label`, else that of the segment in `speaker_labels` with its start; its
    channel is that of `channel_labels.channels[]`.
    """
    results = dig(document, "results")
    channels = dig(results, "channel_labels", "channels")
    if has_objects(channels, "items") and channels:
        return [
            said
            for spot, one in objects(channels, "results.channel_labels.channels")
            for said in in_runs(_words(one.get("items"), f"{spot}.items", {}, whole(one.get("channel_label"))))
        ]
    found = dig(results, "items")
    if not has_objects(found, "alternatives"):
        return None
    return list(in_runs(_words(found, "results.items", _speakers(results), None)))


def _speakers(results: Json) -> dict[str, str | None]:
    return {
        str(item.get("start_time")): name(pick(item, "speaker_label") or segment.get("speaker_label"))
        for where, segment in objects(dig(results, "speaker_labels", "segments"), "results.speaker_labels.segments")
        for _, item in objects(segment.get("items"), f"{where}.items")
    }


def _words(found: object, where: str, speakers: dict[str, str | None], channel: int | None) -> Iterator[Spoken]:
    for spot, item in _spoken_first(objects(found, where)):
        best = next((each for _, each in objects(item.get("alternatives"), f"{spot}.alternatives")), {})
        text = str(best.get("content") or "")
        start_ms, end_ms = scaled(item.get("start_time"), 1000), scaled(item.get("end_time"), 1000)
        yield Spoken(
            spot=Spot(key=spot),
            text=text,
            start_ms=start_ms,
            end_ms=end_ms,
            speaker=name(item.get("speaker_label")) or speakers.get(str(item.get("start_time"))),
            channel=channel,
            words=() if start_ms is None else (Heard(text, start_ms, end_ms, likely(best.get("confidence"))),),
        )


def _spoken_first(found: Iterable[tuple[str, Json]]) -> Iterator[tuple[str, Json]]:
    """The items; of punctuation, which some versions give the times of the word before it, the times are taken off."""
    for spot, item in found:
        if item.get("type") == "punctuation":
            yield spot, {**item, "start_time": None, "end_time": None}
        else:
            yield spot, item
