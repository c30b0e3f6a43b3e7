"""Terms for the recogniser to expect: what the rules want to hear, and the user's own glossary."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, zip_longest
from pathlib import Path

from pipeline.domain.errors import InputError, Problem, ProblemCode
from pipeline.domain.verdict import Severity
from pipeline.intake import textfile
from pipeline.rulepack.load import Rule, RuleSet
from pipeline.rulepack.logic import leaves

MOST_TERMS = 1000
"""Lines of a glossary; a model holds some thirty terms."""
LONGEST_TERM = 30
"""Characters of a term."""

_PHRASE_LENGTHS = range(3, 11)  # shorter ones every model knows, longer ones take the room of several
_BY_SEVERITY = list(Severity)


def expected_words(rules: RuleSet) -> tuple[str, ...]:
    """The short phrases that the rules expect to be said: first of each rule its first one, then its second, and so
    on, the gravest rules in front.

    Phrases that a rule forbids, or that make it apply, are not among them: a recogniser led to hear them would hear
    them where they were not said, and that would cost the agent.
    """
    expecting = (r for r in rules.rules if not r.forbids and r.spec.status != "deprecated")
    by_rule = [_phrases(r) for r in sorted(expecting, key=lambda r: (_BY_SEVERITY.index(r.spec.severity), r.spec.id))]
    turn_by_turn = chain.from_iterable(zip_longest(*by_rule))
    return tuple(dict.fromkeys(phrase for phrase in turn_by_turn if phrase is not None))


def _phrases(rule: Rule) -> list[str]:
    checks = dict.fromkeys(name for name, positive in leaves(rule.demand) if positive)
    phrases: Iterable[str] = chain.from_iterable(_wanted(rule, name) for name in checks)
    return [phrase for phrase in dict.fromkeys(phrases) if len(phrase) in _PHRASE_LENGTHS]


def _wanted(rule: Rule, check: str) -> tuple[str, ...]:
    """The phrases that a `phrase` check looks for, without those that excuse a hit."""
    return tuple(getattr(rule.checks[check].params, "phrase", ()))


def read_glossary(path: Path) -> tuple[str, ...]:
    """The terms of a text file, one a line, in their order and each once; `#` begins a comment. UTF-8 or GBK.

    Raises:
        InputError: the file is not there or holds no term, or lines of it cannot be taken; all of them are told.
    """
    terms: list[str] = []
    problems: list[Problem] = []
    try:
        for line in textfile.lines(path):
            term = _without_comment(line.text)
            if line.fault is not None:
                problems.append(
                    _problem(path, line.fault.what, line.fault.remedy, code=line.fault.code, row=line.number)
                )
            elif len(term) > LONGEST_TERM:
                what = f"“{term[:LONGEST_TERM]}…”超过 {LONGEST_TERM} 个字"
                problems.append(_problem(path, what, "每行只写一个词,不写句子", row=line.number))
            elif term:
                terms.append(term)
    except OSError as error:
        code = ProblemCode.FILE_MISSING if isinstance(error, FileNotFoundError) else ProblemCode.FILE_UNREADABLE
        problem = _problem(path, f"词表打不开({error.strerror})", "请核对路径", code=code)
        raise InputError(problem) from error
    found = tuple(dict.fromkeys(terms))
    if not problems and not found:
        problems.append(_problem(path, "词表里没有词", "每行写一个词", code=ProblemCode.FILE_EMPTY))
    if len(found) > MOST_TERMS:
        remedy = "模型一次只放得下几十个,请留下最要紧的"
        problems.append(_problem(path, f"词表有 {len(found)} 个词,最多 {MOST_TERMS} 个", remedy))
    if problems:
        raise InputError(problems)
    return found


def _without_comment(line: str) -> str:
    """`#` begins a comment at the start or after a blank, so that `C#` is a term."""
    words = line.split()
    comment = next((i for i, word in enumerate(words) if word.startswith("#")), len(words))
    return " ".join(words[:comment])


def _problem(
    path: Path, what: str, remedy: str, *, code: ProblemCode = ProblemCode.BAD_VALUE, row: int | None = None
) -> Problem:
    return Problem(code=code, what=what, remedy=remedy, file=str(path), row=row)
