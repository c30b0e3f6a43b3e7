"""How fast phrases are found: `python -m benchmarks.matching_speed [DATA_DIR]`.

Calls of 40 turns and about 1,000 characters, made of the phrases looked for and of seeded random filling; with DATA_DIR
also the 339 calls of `fosaed_dev_calls.jsonl` (FOSAED, not part of this project). Phrases: those of all packs that
ship, and 100 to 20,000 of seeded random characters.

zhijian finds what is the same or sounds the same at once (`equal`), and what nearly sounds the same when a rule asks
for it (`all` is both). Beside it stand two ways that find the same text only: a loop of compiled patterns of `re`, and
spaCy's PhraseMatcher over a text whose every character is a token (left out, and said so, where spaCy is missing); and
the loop once more over text and sound, which finds about what `equal` does. Times are this process's own; the ratios
are to `equal`.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from flows.options import shipped_packs
from pipeline.rulepack.joined import JoinedText, join
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.phrases import PhraseIndex
from pipeline.text import encode, normalise

_COUNTS = (100, 300, 1_000, 3_000, 5_000, 10_000, 20_000)
_CALLS, _TURNS = 60, 40
_FILLING = "我你他的是了在有不这个那就也都说要会可以到和对好吗呢吧没人中来上大为时们地出得里后自年生能着事现于前家多行"
_CHARACTERS = (
    _FILLING
    + "单订货款退换快递员商品客服电话号码地址时间服务问题处理查询办理业务费用套餐网络手机账户余额密码登录系统升级"
)


def pack_phrases() -> list[str]:
    """The phrases of all rules that ship."""
    rules = load_rules(shipped_packs()).rules
    return sorted({p for rule in rules for check in rule.checks.values() for p in check.params.indexed_phrases})


def random_phrases(n: int) -> list[str]:
    """Of 3 to 8 random characters, the same each time."""
    rng = random.Random(n)  # noqa: S311 - repeatable, no secret
    made: dict[str, None] = {}
    while len(made) < n:
        made["".join(rng.choices(_CHARACTERS, k=rng.randint(3, 8)))] = None
    return list(made)


def made_calls(phrases: Sequence[str]) -> list[list[str]]:
    """Turns of 25 characters on average; every second one holds a phrase."""
    rng = random.Random(7)  # noqa: S311 - repeatable, no secret
    calls: list[list[str]] = []
    for _ in range(_CALLS):
        turns: list[str] = []
        for at in range(_TURNS):
            held = rng.choice(phrases) if at % 2 else ""
            filling = "".join(rng.choices(_CHARACTERS, k=rng.randint(15, 35) - len(held)))
            cut = rng.randint(0, len(filling))
            turns.append(filling[:cut] + held + filling[cut:])
        calls.append(turns)
    return calls


def microseconds(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Processor time for one of the items, the best of five rounds."""
    times: list[float] = []
    for _ in range(5):
        began = time.process_time()
        for item in items:
            work(item)
        times.append(time.process_time() - began)
    return min(times) / len(items) * 1e6


def spacy_matcher(phrases: Sequence[str]) -> Callable[[str], object] | None:
    """Finds phrases in a text by spaCy; None where it is not installed."""
    try:
        matching, tokens, vocab = map(import_module, ("spacy.matcher", "spacy.tokens", "spacy.vocab"))
    except ImportError:
        return None
    vocabulary = vocab.Vocab()
    matcher = matching.PhraseMatcher(vocabulary)
    matcher.add("phrases", [tokens.Doc(vocabulary, words=list(phrase)) for phrase in phrases])
    return lambda text: matcher(tokens.Doc(vocabulary, words=list(text)))


def main() -> None:
    """Prints three tables: against other ways, growth, and normalising."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    data = parser.parse_args().data
    console = Console()
    own = pack_phrases()
    calls = {"made": made_calls(own)}
    if data is not None:
        lines = (data / "fosaed_dev_calls.jsonl").read_text(encoding="utf-8").splitlines()
        calls["FOSAED"] = [[turn["text"] for turn in json.loads(line)["turns"]] for line in lines]
    for name, each in calls.items():
        console.print(_against_others(name, each, own))
    console.print(_growth())
    for name, each in calls.items():
        normalise.cache_clear()
        console.print(f"{name}: normalise {microseconds(_normalise_anew, each):.0f} us a call, nothing remembered")


def _normalise_anew(turns: Sequence[str]) -> None:
    for turn in turns:
        normalise.__wrapped__(turn)


def _against_others(name: str, calls: Sequence[Sequence[str]], phrases: Sequence[str]) -> Table:
    joined = [join(map(normalise, turns)) for turns in calls]
    characters = sum(len(j.text) for j in joined) / len(joined)
    table = Table("way", "us a call", "calls/s", "against zhijian", title=f"{name}: {characters:.0f} characters a call")
    index = PhraseIndex(phrases)
    index.find(joined[0])
    ours = microseconds(index.find, joined)
    everything = microseconds(partial(_all, index), joined)
    normal = [normalise(phrase).text for phrase in phrases]
    patterns = [re.compile(re.escape(text)) for text in normal]
    looped = _looped(patterns, joined)
    by_sound = microseconds(_found_by(patterns, [re.compile(re.escape(encode(text))) for text in normal]), joined)
    ways = [
        (f"zhijian, {len(phrases)} phrases, equal", ours),
        ("zhijian, all", everything),
        ("loop of re, text", looped),
        ("loop of re, text and sound", by_sound),
    ]
    matcher = spacy_matcher(normal)
    if matcher is not None:
        ways.append(("spaCy PhraseMatcher", microseconds(matcher, [j.text for j in joined])))
    for way, taken in ways:
        table.add_row(way, f"{taken:.0f}", f"{1e6 / taken:.0f}", f"{taken / ours:.2f}")
    if matcher is None:
        table.add_row("spaCy PhraseMatcher", "left out: spaCy is not installed", "", "")
    return table


def _growth() -> Table:
    table = Table("random phrases", "compile, s", "equal, us", "all, us", "re, us", "re against equal", title="growth")
    for n in _COUNTS:
        phrases = random_phrases(n)
        joined = [join(map(normalise, turns)) for turns in made_calls(phrases)]
        began = time.process_time()
        index = PhraseIndex(phrases)
        index.find(joined[0]).of("")
        compiled = time.process_time() - began
        ours = microseconds(index.find, joined)
        everything = microseconds(partial(_all, index), joined)
        looped = _looped([re.compile(re.escape(phrase)) for phrase in phrases], joined[:3])
        times = (f"{compiled:.2f}", f"{ours:.0f}", f"{everything:.0f}", f"{looped:.0f}", f"{looped / ours:.0f}")
        table.add_row(f"{n:,}", *times)
    return table


def _all(index: PhraseIndex, joined: JoinedText) -> object:
    return index.find(joined).by_phrase


def _found_by(patterns: Sequence[re.Pattern[str]], sounds: Sequence[re.Pattern[str]]) -> Callable[[JoinedText], object]:
    def find(joined: JoinedText) -> object:
        sound = encode(joined.text)
        return [list(p.finditer(joined.text)) for p in patterns], [list(p.finditer(sound)) for p in sounds]

    return find


def _looped(patterns: Sequence[re.Pattern[str]], joined: Sequence[JoinedText]) -> float:
    return microseconds(lambda j: [list(p.finditer(j.text)) for p in patterns], joined)


if __name__ == "__main__":
    main()
