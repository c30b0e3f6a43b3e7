"""Tables with one turn a row, as chat systems export them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pipeline.domain.errors import Problem, ProblemCode
from pipeline.intake.columns import TURN_TABLE, lay_out, missing
from pipeline.intake.fields import Cell, Fields
from pipeline.intake.place import Items, Place, Refusal, RefusedError
from pipeline.intake.said import Said, finish, read_said
from pipeline.intake.table import Row, Table
from pipeline.intake.values import Parser, as_text, call_id

_OF_THE_TURN = frozenset({"call_id", "role", "text", "start_ms", "end_ms"})
_NO_OWNER = Refusal("没有填通话编号", "每一句都要填它所属的通话编号", code=ProblemCode.MISSING_VALUE)


@dataclass(slots=True)
class _Thread:
    """One call while its rows come in. `whole` turns False when one of them is bad."""

    place: Place
    extra: dict[str, object]
    known: dict[str, tuple[Cell, Place]] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    whole: bool = True


def read_turn_table(table: Table, name: str, *, parsers: Mapping[str, Parser]) -> Items:
    """The calls in the order in which their ids first appear; their rows need not stand together.

    A field of the call may stand in any of its rows, but not with two values; columns that we do not know are taken
    from the call's first row. A call with a bad row is not scored: one turn less may turn a verdict round.

    Raises:
        RefusedError: a needed column is missing or stands there twice.
    """
    layout = lay_out(table.headers, TURN_TABLE)
    if "call_id" not in layout.known:
        raise RefusedError.of(missing(["call_id"], table.headers, TURN_TABLE))
    threads: dict[str, _Thread] = {}
    for row in table.rows:
        place = Place(name, row.number)
        known = {c: Cell(table.headers[at], row.cells[at]) for c, at in layout.known.items() if at < len(row.cells)}
        try:
            owner = _owner(row, known)
        except RefusedError as refused:
            yield place.problem(refused.refusal, column=None if row.fault else table.headers[layout.known["call_id"]])
            continue
        if (thread := threads.get(owner)) is None:
            extra = {header: row.cells[at] for header, at in layout.extra.items() if at < len(row.cells)}
            thread = threads[owner] = _Thread(place, extra)
        for problem in _add(thread, place, row, known, owner):
            thread.whole = False
            yield problem
    for owner, thread in threads.items():
        if thread.whole:
            yield from _call(owner, thread, parsers)


def _owner(row: Row, known: Mapping[str, Cell]) -> str:
    cell = known.get("call_id")
    if cell is None or as_text(cell.value) is None:
        raise RefusedError.of(row.fault or _NO_OWNER)
    try:
        return call_id(cell.value)
    except RefusedError as refused:
        raise RefusedError.of(row.fault or refused.refusal) from refused


def _add(thread: _Thread, place: Place, row: Row, known: Mapping[str, Cell], owner: str) -> Iterator[Problem]:
    if row.fault:
        yield place.problem(row.fault, call_id=owner)
        return
    for column, cell in known.items():
        text = as_text(cell.value)
        if column in _OF_THE_TURN or text is None:
            continue
        held, first = thread.known.setdefault(column, (cell, place))
        if as_text(held.value) != text:
            what = f"与同一通话第 {first.row} 行的值不一致"
            yield place.problem(Refusal(what, "同一通话各行请填同样的值"), column=cell.header, call_id=owner)
    said = read_said(place, known, call_id=owner)
    if isinstance(said, Said):
        thread.said.append(said)
    else:
        yield from said


def _call(owner: str, thread: _Thread, parsers: Mapping[str, Parser]) -> Items:
    fields = Fields(thread.place, {"call_id": owner})
    for column, (cell, place) in thread.known.items():
        fields.take(column, cell, parsers[column], place=place)
    for header, value in thread.extra.items():
        fields.keep(header, value)
    yield from finish(fields, thread.said)
