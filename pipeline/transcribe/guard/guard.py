"""What the recogniser probably invented: kept with its times, set apart, never judged.

Over silence, music and noise Whisper writes fluent lines that nobody said, some of them at high confidence. Voice
detection removes most of the occasions; this finds what is left. It cannot find an invented line that is fluent,
confident, unhurried and not stock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pipeline.domain.transcript import Quarantine
from pipeline.transcribe.engine import HeardWord, Segment
from pipeline.transcribe.guard import haste, repetition
from pipeline.transcribe.guard.stock import is_stock, stock_pattern

# Whisper's own limits for a failed decode and for silence (transcribe.py of openai/whisper).
MIN_LOG_PROBABILITY = -1.0
MAX_COMPRESSION_RATIO = 2.4
MAX_NO_SPEECH_PROBABILITY = 0.6
# Stricter when it also believes that nobody speaks; ours, not measured against people's speech.
MIN_LOG_PROBABILITY_IN_SILENCE = -0.5
# Of a stretch heard on its own. In 240 half minutes of sounds (`benchmarks.guard`) 44 of the 51 stretches taken for
# speech stay below the first limit and 50 below the second; in 19,200 characters of the fixtures 68 are below the
# first, nearly all misheard, and real short answers are above 0.88.
LEAST_VOICE = 0.7
LEAST_VOICE_OF_FEW, FEW_LETTERS = 0.8, 3
# A pause that parts an invented line from what was said in the same segment.
PAUSE_MS = 500


@dataclass(frozen=True, slots=True)
class Guard:
    """Finds what was invented. `phrases`: a user's own stock lines, `*` standing for up to 20 characters."""

    phrases: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Changes whenever what is set apart could."""
        limits = (
            *(MIN_LOG_PROBABILITY, MAX_COMPRESSION_RATIO, MAX_NO_SPEECH_PROBABILITY, MIN_LOG_PROBABILITY_IN_SILENCE),
            *(LEAST_VOICE, LEAST_VOICE_OF_FEW, FEW_LETTERS),
            *(repetition.LEAST_TIMES, repetition.LEAST_LETTERS, PAUSE_MS),
            *(haste.MAX_SYLLABLES_PER_S, haste.OVER_MS, haste.LEAST_SYLLABLES),
        )
        return hashlib.sha256(f"{limits} {stock_pattern(self.phrases).pattern}".encode()).hexdigest()[:8]

    def sift(self, segments: Iterable[Segment]) -> Iterator[list[HeardWord]]:
        """The words of each segment of a channel; those that were probably invented say why.

        Where the recogniser's doubts, its length or its repetition speak against a segment, all of it is set apart.
        A loop, a rush and a stock line between pauses are set apart alone: the rest may well have been said.
        """
        segments = list(segments)
        again = _lines_again(segments)
        for number, segment in enumerate(segments):
            whole = self._reason(segment, again=number in again)
            parts = {} if whole else self._parts(segment.words)
            least_voice = LEAST_VOICE if len(_letters(segment.text)) > FEW_LETTERS else LEAST_VOICE_OF_FEW
            yield [
                replace(word, quarantine=reason)
                if (reason := whole or parts.get(place) or (Quarantine.NO_VOICE if word.voice < least_voice else None))
                else word
                for place, word in enumerate(segment.words)
            ]

    def _reason(self, segment: Segment, *, again: bool) -> Quarantine | None:
        """Why the whole segment was probably invented; None where nothing says so."""
        if is_stock(segment.text, self.phrases):
            return Quarantine.STOCK
        # zlib finds short lines that people say (好的 eight times, 不用了 seven times) as repetitive as loops.
        long = len(_letters(segment.text)) >= repetition.LEAST_LETTERS
        if again or (long and segment.compression_ratio > MAX_COMPRESSION_RATIO):
            return Quarantine.REPEATED
        if haste.is_crammed(segment):
            return Quarantine.TOO_FAST
        doubtful = segment.no_speech_probability > MAX_NO_SPEECH_PROBABILITY
        if doubtful and segment.mean_log_probability < MIN_LOG_PROBABILITY_IN_SILENCE:
            return Quarantine.SILENCE
        return Quarantine.UNSURE if segment.mean_log_probability < MIN_LOG_PROBABILITY else None

    def _parts(self, words: Sequence[HeardWord]) -> dict[int, Quarantine]:
        """The places of words that were probably invented, with the reason."""
        stock = {
            place
            for stretch in _stretches(words)
            if is_stock("".join(words[place].text for place in stretch), self.phrases)
            for place in stretch
        }
        return (
            dict.fromkeys(haste.rushed(words), Quarantine.TOO_FAST)
            | dict.fromkeys(_letters_again(words), Quarantine.REPEATED)
            | dict.fromkeys(stock, Quarantine.STOCK)
        )


BUILT_IN = Guard()
"""With the lines that ship, and no others."""


def _lines_again(segments: Sequence[Segment]) -> set[int]:
    """The places of segments that say the same again and again; what holds no letter is passed over."""
    lines = [(place, letters) for place, segment in enumerate(segments) if (letters := _letters(segment.text))]
    return {lines[number][0] for number in repetition.looping([letters for _, letters in lines])}


def _letters_again(words: Sequence[HeardWord]) -> set[int]:
    letters = [(place, letter) for place, word in enumerate(words) for letter in _letters(word.text)]
    return {letters[number][0] for number in repetition.looping([letter for _, letter in letters])}


def _stretches(words: Sequence[HeardWord]) -> Iterator[range]:
    """The places of words between pauses; nothing where no pause parts them."""
    cuts = [i for i in range(1, len(words)) if words[i].start_ms - words[i - 1].end_ms >= PAUSE_MS]
    if cuts:
        for first, end in zip([0, *cuts], [*cuts, len(words)], strict=True):
            yield range(first, end)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
