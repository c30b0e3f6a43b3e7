"""Phrases in what a recogniser wrote: `python -m benchmarks.matching DATA_DIR`.

DATA_DIR holds `asr_pairs_dev.jsonl` (ODSQA: what was said and what a commercial recogniser wrote; not part of this
project). Every span of 4 to 6 characters of what was said is a phrase. Recall: it is found in what was written for the
same sentence. False hit: it is found in another sentence's, of another article, that does not say it; stated per such
sentence. Weights and confidences were chosen on the articles whose hash is even; the odd ones check them.

A confidence is right where it is the precision of the hits that have it, if a phrase is said in one sentence of a
hundred.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.joined import join
from pipeline.rulepack.phrases import PhraseIndex
from pipeline.text import encode, normalise

NAME = "asr_pairs_dev.jsonl"
SENTENCES_PER_PHRASE = 100
_LENGTHS = (4, 5, 6)
_THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)
_BOUNDS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)


@dataclass(frozen=True, slots=True)
class Sentence:
    """In normal form. `half` is 0 for those on which things were chosen, 1 for those that check them."""

    article: str
    half: int
    said: str
    written: str

    def spans(self) -> Iterator[str]:
        for n in _LENGTHS:
            for start in range(len(self.said) - n + 1):
                yield self.said[start : start + n]


@dataclass(slots=True)
class Half:
    """`true`: the confidence of each span in its own sentence, 0 where it was not found; `false`: of each false hit."""

    true: list[float]
    false: list[float]
    exact: int = 0
    sound: int = 0
    unrelated: int = 0


def read(path: Path) -> list[Sentence]:
    """The sentences; one article's are all in one half."""
    found: list[Sentence] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        article = pair["id"].split("-")[0]
        half = int(hashlib.sha256(article.encode()).hexdigest(), 16) % 2
        found.append(Sentence(article, half, normalise(pair["ref"]).text, normalise(pair["hyp"]).text))
    return found


def measure(sentences: Sequence[Sentence]) -> tuple[Half, Half]:
    """Looks for all spans in all sentences at once."""
    spans = sorted({span for sentence in sentences for span in sentence.spans()})
    index = PhraseIndex(spans, exclusive=False)
    hits: dict[str, dict[int, tuple[float, MatchKind]]] = defaultdict(dict)
    for i, sentence in enumerate(sentences):
        for span, of_span in index.find(join([normalise(sentence.written)])).by_phrase.items():
            hits[span][i] = max((hit.likelihood, hit.kind) for hit in of_span)
    saying = {span: {i for i, s in enumerate(sentences) if span in s.said} for span in hits}
    of_article = Counter(s.article for s in sentences)
    halves = Half([], []), Half([], [])
    for i, sentence in enumerate(sentences):
        half = halves[sentence.half]
        for span in sentence.spans():
            confidence, kind = hits[span].get(i, (0.0, None))
            half.true.append(confidence)
            half.exact += kind is MatchKind.EXACT
            half.sound += kind in (MatchKind.EXACT, MatchKind.SOUND)
            others = [j for j in saying.get(span, ()) if sentences[j].article != sentence.article]
            half.unrelated += len(sentences) - of_article[sentence.article] - len(others)
            half.false += [
                confidence
                for j, (confidence, _) in hits[span].items()
                if sentences[j].article != sentence.article and j not in saying[span]
            ]
    return halves


def one_syllable_off(sentences: Sequence[Sentence]) -> tuple[float, float]:
    """Recall and false hits of the plain way, on every tenth span and thirty sentences drawn for each."""
    rng = random.Random(0)  # noqa: S311 - a repeatable sample, no secret
    sounds = [encode(s.written) for s in sentences]
    found = tried = false = unrelated = 0
    for i, sentence in enumerate(sentences):
        for span in list(sentence.spans())[::10]:
            sound = encode(span)
            tried += 1
            found += _at_most_one_off(sound, sounds[i])
            for j in rng.sample(range(len(sentences)), 30):
                if sentences[j].article != sentence.article and span not in sentences[j].said:
                    unrelated += 1
                    false += _at_most_one_off(sound, sounds[j])
    return found / tried, false / unrelated


def _at_most_one_off(sound: str, text: str) -> bool:
    n = len(sound)
    return any(sum(a != b for a, b in zip(sound, text[at:], strict=False)) <= 1 for at in range(len(text) - n + 1))


def main() -> None:
    """Prints baselines, the curve and the reliability of the confidence, each for both halves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    source = parser.parse_args().data / NAME
    if not source.is_file():
        sys.exit(f"{source} is not there; this benchmark needs the recognised sentences")
    sentences = read(source)
    halves = measure(sentences)
    console = Console()
    recall, false = one_syllable_off(sentences)
    console.print(f"{len(sentences)} sentences, {sum(len(h.true) for h in halves)} spans; chosen on the first half")
    for name, half in zip(("chosen on", "checked on"), halves, strict=True):
        n = len(half.true)
        console.print(f"{name}: {n} spans, exact {half.exact / n:.1%}, by sound {half.sound / n:.1%}")
    console.print(f"one syllable off, plain: recall {recall:.1%}, false {false:.3%}")
    console.print(_curve(halves))
    console.print(_reliability(halves))


def _curve(halves: Sequence[Half]) -> Table:
    table = Table("confidence from", "recall", "false", "recall, checked", "false, checked", title="curve")
    for threshold in _THRESHOLDS:
        cells: list[str] = []
        for half in halves:
            found = sum(c >= threshold and c > 0 for c in half.true)
            false = sum(c >= threshold for c in half.false)
            cells += [f"{found / len(half.true):.1%}", f"{false / half.unrelated:.4%}"]
        table.add_row(str(threshold), *cells)
    return table


def _reliability(halves: Sequence[Half]) -> Table:
    table = Table("confidence", "precision", "hits", "precision, checked", "hits, checked", title="reliability")
    for low, high in zip(_BOUNDS, (*_BOUNDS[1:], 2.0), strict=True):
        cells: list[str] = []
        for half in halves:
            right = sum(low <= c < high for c in half.true)
            wrong = sum(low <= c < high for c in half.false) * SENTENCES_PER_PHRASE * len(half.true) / half.unrelated
            cells += [f"{right / (right + wrong):.3f}" if right else "", str(right)]
        table.add_row(f"{low} to {high}" if high <= 1 else "1", *cells)
    return table


if __name__ == "__main__":
    main()
