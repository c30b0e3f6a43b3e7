"""How well a recogniser hears a user's own calls: against references that people wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.domain.call import Call
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.domain.verdict import MatchKind
from pipeline.insight.characters import Compared, character_errors
from pipeline.insight.results import CharacterError
from pipeline.privacy import mask
from pipeline.rulepack.joined import JoinedText, join
from pipeline.rulepack.phrases import PhraseIndex
from pipeline.text import normalise

_SURENESS = (MatchKind.EXACT, MatchKind.SOUND, MatchKind.CLOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeywordResult:
    """A phrase of the packs: how often it was said, how the transcripts show it, how often they have it too often.

    `said` is the sum of `exact`, `sound`, `close` and `missed`; `extra` are exact or by-sound hits beyond that.
    """

    phrase: str
    said: int
    exact: int
    sound: int
    close: int
    missed: int
    extra: int

    @property
    def recall(self) -> float:
        """The share that a rule with the usual matching (`sound`) finds; 1 where nothing was said."""
        return (self.exact + self.sound) / self.said if self.said else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a reference and what was written for it, personal data masked; `right` where they are equal."""

    said: str
    heard: str
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionResult:
    """`characters`: rows of `character_errors`; `keywords`: phrases that were said or written, worst first.

    `calls`: ids, worst first; `pieces`: each call's normalised text, reference against transcript.
    """

    characters: tuple[CharacterError, ...]
    keywords: tuple[KeywordResult, ...]
    calls: tuple[str, ...]
    pieces: Mapping[str, tuple[Piece, ...]]

    @property
    def overall(self) -> CharacterError | None:
        """All calls together; None where there is none."""
        return self.characters[-1] if self.characters else None

    def of_call(self, call_id: str) -> CharacterError:
        return next(row for row in self.characters if row.call_id == call_id and row.role is None)

    @property
    def keyword_recall(self) -> float | None:
        """Of everything that was said of the packs' phrases; None where nothing was."""
        said = sum(keyword.said for keyword in self.keywords)
        return sum(keyword.exact + keyword.sound for keyword in self.keywords) / said if said else None


def evaluate_recognition(pairs: Iterable[tuple[Call, Transcript]], phrases: Iterable[str]) -> RecognitionResult:
    """Compare references (calls with their turns) with what a recogniser made of the same calls' recordings.

    Quarantined turns do not count as written. Speakers are compared one by one where both sides name them.
    """
    index = PhraseIndex(phrases)
    compared: list[Compared] = []
    counts: dict[str, Counter[str]] = {}
    pieces: dict[str, tuple[Piece, ...]] = {}
    for call, transcript in pairs:
        one = _compared(call, transcript)
        compared.append(one)
        said, heard = (join([normalise(text) for _, text in lines]) for lines in (one.said, one.heard))
        _count(index, said, heard, counts)
        pieces[call.call_id] = tuple(_pieces(_text(said), _text(heard)))
    characters = tuple(character_errors(compared))
    rates = {row.call_id: row.rate for row in characters if row.call_id is not None and row.role is None}
    keywords = (_keyword(phrase, count) for phrase, count in counts.items())
    return RecognitionResult(
        characters=characters,
        keywords=tuple(sorted(keywords, key=lambda k: (-k.missed, -k.extra, -k.said, k.phrase))),
        calls=tuple(sorted(pieces, key=lambda call_id: (-rates[call_id], call_id))),
        pieces=pieces,
    )


def _compared(call: Call, transcript: Transcript) -> Compared:
    said = [(turn.role, turn.text) for turn in call.turns or ()]
    heard = [(turn.role, turn.text) for turn in _in_order(transcript.turns) if not turn.quarantined]
    both = {Role.AGENT, Role.CUSTOMER} <= {role for role, _ in said}
    return Compared(call.call_id, said, heard, transcript.roles_known and both, call.queue)


def _in_order(turns: Sequence[Turn]) -> list[Turn]:
    return sorted(turns, key=lambda turn: turn.index)


def _count(index: PhraseIndex, said: JoinedText, heard: JoinedText, counts: dict[str, Counter[str]]) -> None:
    """Each phrase as often as it was said; the surest of what was written is set against it first."""
    in_truth, in_text = index.find(said).by_phrase, index.find(heard).by_phrase
    for phrase in {*in_truth, *in_text}:
        times = sum(hit.kind is MatchKind.EXACT for hit in in_truth.get(phrase, ()))
        kinds = Counter(hit.kind for hit in in_text.get(phrase, ()))
        left = times
        count = counts.setdefault(phrase, Counter())
        count["said"] += times
        for kind in _SURENESS:
            found = min(left, kinds[kind])
            count[kind.value] += found
            left -= found
        count["missed"] += left
        count["extra"] += max(0, kinds[MatchKind.EXACT] + kinds[MatchKind.SOUND] - times)


def _keyword(phrase: str, count: Counter[str]) -> KeywordResult:
    return KeywordResult(
        phrase=phrase,
        said=count["said"],
        exact=count[MatchKind.EXACT.value],
        sound=count[MatchKind.SOUND.value],
        close=count[MatchKind.CLOSE.value],
        missed=count["missed"],
        extra=count["extra"],
    )


def _text(joined: JoinedText) -> str:
    return joined.text.replace("\n", "")


def _pieces(said: str, heard: str) -> Iterable[Piece]:
    from rapidfuzz.distance import Levenshtein

    shown, written = mask(said), mask(heard)  # as long as what they mask
    for step in Levenshtein.opcodes(said, heard):
        yield Piece(
            said=shown[step.src_start : step.src_end],
            heard=written[step.dest_start : step.dest_end],
            right=step.tag == "equal",
        )
