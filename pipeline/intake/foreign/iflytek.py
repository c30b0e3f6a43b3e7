"""iFlytek 语音转写: sentences in `lattice`, each a JSON text of its own; sentence times in ms, word times in frames."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.intake.foreign.document import Json, decode, dig, has_objects, objects
from pipeline.intake.foreign.spoken import Heard, Spoken, Spot, joined, name, plus, scaled

_FRAME_MS = 10
_SPOKEN = frozenset({"n", "s"})  # `wp` of a word and of a filler; `p` is a mark, `g` the end of a paragraph


def lattice(document: object) -> list[Spoken] | None:
    """`lattice[].json_1best.st`: `bg`, `ed`, `rl` (speaker, 0 for none), `rt[].ws[] wb, we, cw[0] w, wp`.

    Taken from the service's whole answer (`content.orderResult`, a JSON text) or from what was cut out of it; from
    `lattice2`, the same without smoothing, where that is all there is. Words have no probability: `wc` is always 0.
    """
    order = dig(document, "content", "orderResult") or dig(document, "orderResult") or document
    if isinstance(order, str):
        order = decode(order, "orderResult")
    for key in ("lattice", "lattice2"):
        found = dig(order, key)
        if has_objects(found, "json_1best") and found:
            return [_sentence(one, spot) for spot, one in objects(found, key)]
    return [] if dig(order, "lattice") == [] else None


def _sentence(one: Json, spot: str) -> Spoken:
    best = one.get("json_1best")
    if isinstance(best, str):
        best = decode(best, f"{spot}.json_1best")
    sentence = dig(best, "st")
    start_ms = scaled(dig(sentence, "bg"))
    pieces = list(_pieces(sentence, start_ms, f"{spot}.st"))
    speaker = name(dig(sentence, "rl"))
    return Spoken(
        spot=Spot(key=spot),
        text=joined(heard.text for heard, _ in pieces),
        start_ms=start_ms,
        end_ms=scaled(dig(sentence, "ed")),
        speaker=None if speaker == "0" else speaker,
        words=tuple(heard for heard, spoken in pieces if spoken),
    )


def _pieces(sentence: object, start_ms: float | None, spot: str) -> Iterator[tuple[Heard, bool]]:
    """The words and marks of a sentence, and whether each is spoken."""
    for where, part in objects(dig(sentence, "rt"), f"{spot}.rt"):
        for at, word in objects(part.get("ws"), f"{where}.ws"):
            best = next((candidate for _, candidate in objects(word.get("cw"), f"{at}.cw")), {})
            begin_ms, end_ms = (plus(start_ms, scaled(word.get(key), _FRAME_MS)) for key in ("wb", "we"))
            yield Heard(str(best.get("w") or ""), begin_ms, end_ms), best.get("wp", "n") in _SPOKEN
