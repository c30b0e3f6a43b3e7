"""Recordings against references that people wrote: pairs them, hears the recordings, and keeps what was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flows.options import DEFAULT_TIMEZONE, default_packs
from flows.work import Notify
from pipeline.domain.call import Call
from pipeline.domain.errors import InputError, Problem, ProblemCode, UserError
from pipeline.domain.transcript import Transcript
from pipeline.insight.recognition import RecognitionResult, evaluate_recognition
from pipeline.intake import read
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.operators.words import PhraseParams
from pipeline.store.files import replacing
from pipeline.transcribe import EngineOptions, Guard, TranscriptCache, load_diarizer, load_engine, transcribe_calls


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionOptions:
    """`sources`: recordings, folders or manifests; `references`: what was said in them, by the same call ids.

    `stock_phrases`, `diarizer`: as for a run.
    """

    sources: tuple[Path, ...]
    references: tuple[Path, ...]
    out: Path
    packs: tuple[Path, ...]
    engine: EngineOptions
    recordings: Path | None = None
    agent_channel: int | None = None
    timezone: str = DEFAULT_TIMEZONE
    stock_phrases: tuple[str, ...] = ()
    diarizer: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """`failures`: recordings and references that could not be used, with the reason."""

    result: RecognitionResult
    failures: tuple[Problem, ...]
    engine: str


def evaluate_asr(options: RecognitionOptions, notify: Notify) -> Evaluated:
    """Hears every recording that has a reference, compares, and writes two Parquet tables into `options.out`.

    Raises:
        InputError: nothing was handed in, or no recording has a reference.
        ModelError: there is no such model, or it broke down.
    """
    packs = load_rules(options.packs or default_packs())
    checks = (check.params for rule in packs.rules for check in rule.checks.values())
    phrases = {phrase for params in checks if isinstance(params, PhraseParams) for phrase in params.phrase}
    heard = read(options.sources, timezone=options.timezone, root=options.recordings)
    said = read(options.references, timezone=options.timezone)
    pairs = list(_paired(heard.calls, said.calls))
    if not pairs:
        raise InputError(_unpaired(options.references))
    failures = [*heard.failures, *said.failures, *_alone(heard.calls, said.calls)]
    engine = load_engine(options.engine)
    guard = Guard(options.stock_phrases)
    separator = load_diarizer(options.diarizer, device=options.engine.device) if options.diarizer else None
    cache = TranscriptCache(options.out / "_state" / "transcripts")
    done: list[tuple[Call, Transcript]] = []
    recordings = (recorded for recorded, _ in pairs)
    outcomes = transcribe_calls(
        recordings, engine, agent_channel=options.agent_channel, cache=cache, guard=guard, separator=separator
    )
    for number, ((_, reference), outcome) in enumerate(zip(pairs, outcomes, strict=True), start=1):
        if isinstance(outcome, UserError):
            failures += outcome.problems
        elif isinstance(outcome, Exception):
            raise outcome
        else:
            done.append((reference, outcome))
        notify("transcribe", number, len(pairs))
    result = evaluate_recognition(done, phrases)
    _keep(result, options.out)
    return Evaluated(result=result, failures=tuple(failures), engine=engine.fingerprint)


def _paired(recorded: Sequence[Call], references: Sequence[Call]) -> Iterator[tuple[Call, Call]]:
    """Each recording with its reference, which takes the manifest's queue where it names none."""
    by_id = {call.call_id: call for call in references if call.turns is not None}
    for call in recorded:
        if call.audio_path is not None and call.call_id in by_id:
            reference = by_id[call.call_id]
            yield call, replace(reference, queue=reference.queue or call.queue)


def _alone(recorded: Sequence[Call], references: Sequence[Call]) -> Iterator[Problem]:
    audio = {call.call_id for call in recorded if call.audio_path is not None}
    texts = {call.call_id for call in references if call.turns is not None}
    for call in recorded:
        if call.audio_path is not None and call.call_id not in texts:
            yield _problem(call, "录音没有参考文本,没有评估", "请在参考文本里加上同一通话编号")
    for call in references:
        if call.call_id not in audio:
            yield _problem(call, "参考文本没有对应的录音,没有评估", "请核对通话编号是否与录音(或清单)一致")


def _problem(call: Call, what: str, remedy: str) -> Problem:
    return Problem(
        code=ProblemCode.MISSING_VALUE,
        what=what,
        remedy=remedy,
        file=call.source,
        call_id=call.call_id,
        column="call_id",
    )


def _unpaired(references: Sequence[Path]) -> Problem:
    return Problem(
        code=ProblemCode.NO_CALLS,
        what="没有一通录音找到了参考文本",
        remedy="参考文本的通话编号要与录音一致(清单里的编号,没有清单时是录音的文件名,不含扩展名)",
        file="、".join(str(path) for path in references),
    )


def _keep(result: RecognitionResult, out: Path) -> None:
    """`asr_characters.parquet` and `asr_keywords.parquet`, in the order of the result."""
    import pandas as pd

    from pipeline.insight.results import CharacterError

    def row(error: CharacterError) -> dict[str, object]:
        names = ("call_id", "role", "queue", "characters", "substitutions", "deletions", "insertions", "rate")
        return {name: getattr(error, name) for name in names}

    keywords = ("phrase", "said", "exact", "sound", "close", "missed", "extra", "recall")
    tables = {
        "asr_characters": pd.DataFrame([row(error) for error in result.characters]),
        "asr_keywords": pd.DataFrame([{n: getattr(k, n) for n in keywords} for k in result.keywords], columns=keywords),
    }
    for name, table in tables.items():
        with replacing(out / f"{name}.parquet") as file:
            table.to_parquet(file, index=False)
