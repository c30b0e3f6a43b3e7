"""Google Cloud Speech-to-Text: `results[].alternatives[0]`, times as `"1.300s"` or as seconds and nanoseconds."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.intake.foreign.document import Json, dig, has_objects, objects, pick
from pipeline.intake.foreign.spoken import Heard, Spoken, Spot, in_runs, likely, name, plus, scaled, whole


def results(document: object) -> list[Spoken] | None:
    """`results[] channelTag, alternatives[0] transcript, words[] startTime, endTime, word, speakerTag`.

    Channels count from 1. Where speakers are told apart, the words that have one are joined to turns; the last result
    then repeats all words of the call, and those before it are left out.
    """
    for path in (("response",), ()):
        found = dig(document, *path, "results")
        if has_objects(found, "alternatives"):
            where = ".".join((*path, "results"))
            return _read([(spot, one, _best(one, spot)) for spot, one in objects(found, where)])
    return None


def _read(found: list[tuple[str, Json, Json]]) -> list[Spoken]:
    tagged = [(spot, one, best) for spot, one, best in found if any(_speaker(w) for _, w in _words(best, spot))]
    if not tagged:
        return [_result(spot, one, best) for spot, one, best in found]
    if len(tagged) > 1 and _begin(tagged[-1]) <= _begin(found[0]):
        tagged = tagged[-1:]
    return [said for spot, one, best in tagged for said in in_runs(_spoken(spot, one, best))]


def _result(spot: str, one: Json, best: Json) -> Spoken:
    return Spoken(
        spot=Spot(key=spot),
        text=str(best.get("transcript") or ""),
        channel=_channel(one),
        words=tuple(_heard(word) for _, word in _words(best, spot)),
    )


def _spoken(spot: str, one: Json, best: Json) -> Iterator[Spoken]:
    for where, word in _words(best, spot):
        heard = _heard(word)
        yield Spoken(
            spot=Spot(key=where),
            text=heard.text,
            start_ms=heard.start_ms,
            end_ms=heard.end_ms,
            speaker=_speaker(word),
            channel=_channel(one),
            words=(heard,),
        )


def _best(one: Json, spot: str) -> Json:
    return next((best for _, best in objects(one.get("alternatives"), f"{spot}.alternatives")), {})


def _words(best: Json, spot: str) -> list[tuple[str, Json]]:
    return list(objects(best.get("words"), f"{spot}.alternatives[0].words"))


def _begin(result: tuple[str, Json, Json]) -> float:
    spot, _, best = result
    return min((ms for _, word in _words(best, spot) if (ms := _heard(word).start_ms) is not None), default=0)


def _heard(word: Json) -> Heard:
    start_ms, end_ms = _time(pick(word, "startTime", "startOffset")), _time(pick(word, "endTime", "endOffset"))
    if start_ms is None and end_ms is not None:
        start_ms = 0  # a time of zero is left out
    confidence = likely(word.get("confidence"))
    return Heard(str(word.get("word") or ""), start_ms, end_ms, confidence or 1.0)  # 0.0 says that there is none


def _time(value: object) -> float | None:
    if isinstance(value, dict):
        return plus(scaled(value.get("seconds", 0), 1000), scaled(value.get("nanos", 0), 1e-6))
    return scaled(value.removesuffix("s") if isinstance(value, str) else value, 1000)


def _speaker(word: Json) -> str | None:
    return name(word.get("speakerLabel")) or name(word.get("speakerTag") or None)


def _channel(one: Json) -> int | None:
    tag = whole(one.get("channelTag"))
    return tag - 1 if tag else None
