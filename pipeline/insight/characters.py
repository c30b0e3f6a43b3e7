"""Misrecognised characters: what was said against what the recogniser wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.domain.transcript import Role
from pipeline.insight.results import CharacterError
from pipeline.text import normalise


@dataclass(frozen=True, slots=True)
class Compared:
    """The lines of one recording, true and written. `roles_known`: its speakers could be told apart."""

    call_id: str
    said: Sequence[tuple[Role, str]]
    heard: Sequence[tuple[Role, str]]
    roles_known: bool
    queue: str | None = None


def character_errors(recordings: Iterable[Compared]) -> Iterator[CharacterError]:
    """Per recording and speaker, then per recording, per speaker, per queue, and over everything.

    Punctuation, fillers (嗯, 呃, 唔) and how a number is written do not count. Where the speakers could not be told
    apart a recording is compared as a whole.
    """
    rows: list[CharacterError] = []
    for one in recordings:
        roles = sorted({role for role, _ in (*one.said, *one.heard)}) if one.roles_known else [None]
        rows += [_compared(one, role) for role in roles]
    yield from (row for row in rows if row.role is not None)
    for call_id in dict.fromkeys(row.call_id for row in rows):
        of_call = [row for row in rows if row.call_id == call_id]
        yield _summed(of_call, call_id=call_id, queue=of_call[0].queue)
    for role in sorted({row.role for row in rows if row.role is not None}):
        yield _summed([row for row in rows if row.role is role], role=role)
    for queue in sorted({row.queue for row in rows if row.queue is not None}):
        yield _summed([row for row in rows if row.queue == queue], queue=queue)
    if rows:
        yield _summed(rows)


def _compared(one: Compared, role: Role | None) -> CharacterError:
    from jiwer import process_characters

    said, heard = _text_of(one.said, role), _text_of(one.heard, role)
    result = process_characters([said], [heard])
    return CharacterError(
        call_id=one.call_id,
        role=role,
        queue=one.queue,
        characters=len(said),
        substitutions=result.substitutions,
        deletions=result.deletions,
        insertions=result.insertions,
    )


def _text_of(lines: Iterable[tuple[Role, str]], role: Role | None) -> str:
    return "".join(normalise(text).text for each, text in lines if role is None or each is role)


def _summed(
    rows: Sequence[CharacterError], *, call_id: str | None = None, role: Role | None = None, queue: str | None = None
) -> CharacterError:
    return CharacterError(
        call_id=call_id,
        role=role,
        queue=queue,
        characters=sum(row.characters for row in rows),
        substitutions=sum(row.substitutions for row in rows),
        deletions=sum(row.deletions for row in rows),
        insertions=sum(row.insertions for row in rows),
    )
