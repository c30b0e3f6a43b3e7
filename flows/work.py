"""The work of a run, stage by stage, without Prefect: discover, transcribe, inspect, publish.

A call is done when its rows are published; what was done with the same inputs is never done again. After a kill, the
next run first publishes what had been staged, and transcripts come from their cache. A call of which a language model
left a question unanswered is published so, and taken up again by the next run.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

from flows.emotion_models import emotion_model
from flows.hotwords import expected_words
from flows.language_model import language_model
from flows.options import RunOptions
from flows.problems import internal, missing, placed, source_of, unreadable
from pipeline.domain.call import Call
from pipeline.domain.errors import InputError, Problem, UserError
from pipeline.domain.transcript import Transcript
from pipeline.intake import read
from pipeline.rulepack.load import load_rules
from pipeline.score.inspect import Inspector, inspect_call
from pipeline.score.sheet import load_sheet
from pipeline.store import ledger as run_ledger
from pipeline.store.inspected import InspectedCall, Provenance, RuleInfo
from pipeline.store.lake import Lake
from pipeline.store.rows import batch_rows, failure_row
from pipeline.transcribe import (
    Engine,
    EngineOptions,
    Guard,
    Separator,
    TranscriptCache,
    load_diarizer,
    load_engine,
    transcribe_calls,
)

log = logging.getLogger(__name__)

Notify = Callable[[str, int, int], None]
"""Called with the stage, how many calls are done and how many there are."""

_INSPECTED = "inspected"
"""The ledger's stage of calls whose rows are staged: once published, they are done."""

_NOT_IDENTITY = frozenset({"audio_path", "turns", "source"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What a run did. `skipped` calls were done before with the same inputs and settings."""

    run_id: str
    found: int
    inspected: int
    skipped: int
    failed: int

    @property
    def partly(self) -> bool:
        """True when something could not be inspected."""
        return self.failed > 0


class RunWork:
    """One run. Plain (no dataclass), so that Prefect hands it to tasks without looking inside."""

    def __init__(self, options: RunOptions, run_id: str, notify: Notify) -> None:
        self.options, self.run_id, self._notify = options, run_id, notify
        self.lake = Lake(options.lake, timezone=options.timezone)
        self._failures: list[tuple[str, Problem]] = []
        self._sources: tuple[str, ...] = ()
        self._found = self._skipped = self._done = 0
        self._batches: list[tuple[Call, ...]] = []
        self._digests: dict[str, str] = {}
        self._ask_again: set[str] = set()
        self._transcripts: dict[int, list[tuple[Call, Transcript]]] = {}
        self._engine: Engine | None = None
        self._guard = Guard(options.stock_phrases)
        self._separator: Separator | None = None

    def open(self) -> None:
        """Loads rules, sheet and models, opens the ledger, and ends what a killed run had begun. Raises UserError."""
        if not any(source.exists() for source in self.options.sources):
            raise InputError(missing(source) for source in self.options.sources)
        rules = load_rules(self.options.packs)
        sheet = load_sheet(self.options.sheet, rule_ids=[r.spec.id for r in rules.rules])
        model = emotion_model(self.options.emotion_model)
        self._llm = language_model(rules, self.options.lake / "_state" / "answers")
        self._inspector = Inspector(
            rules=rules,
            sheet=sheet,
            emotion_model=model,
            timezone=self.options.timezone,
            language_model=self._llm,
            customers=self.options.customers,
        )
        self._rule_infos = {r.spec.id: RuleInfo(r.spec.title, r.spec.kind, r.spec.severity) for r in rules.rules}
        self._provenance = Provenance(
            run_id=self.run_id,
            packs=tuple(f"{p.spec.id}@{p.spec.version}" for p in rules.packs),
            rules_digest=rules.digest,
            sheet_id=sheet.id,
            sheet_version=str(sheet.version),
            sheet_digest=sheet.digest,
            emotion_digest=model.digest,
        )
        self._cache = TranscriptCache(self.options.lake / "_state" / "transcripts")
        self.ledger = run_ledger.Ledger.open(self.options.ledger or self.lake.ledger_path)
        self.ledger.start_run(self.run_id, config_digest=self._config_digest(None), version=version("zhijian"))
        self._publish_staged()

    def discover(self) -> int:
        """Reads the sources and plans the batches of what is still to do; returns their number."""
        o = self.options
        intake = read(o.sources, timezone=o.timezone, root=o.recordings, agent_channel=o.agent_channel)
        self._failures = [(p.file or "", p) for p in intake.failures]
        self._sources = intake.sources
        self._found = len(intake.calls)
        if any(c.audio_path is not None for c in intake.calls):
            self._engine = load_engine(self._engine_options())
            self._separator = load_diarizer(o.diarizer, device=o.engine.device) if o.diarizer else None
        self._digests = {c.call_id: self._work_digest(c) for c in intake.calls}
        pending = self.ledger.pending([self._ledger_work(c) for c in intake.calls])
        todo = [c for c in intake.calls if c.call_id in pending]
        self._skipped = self._found - len(todo)
        size = self.options.batch_size
        self._batches = [tuple(todo[i : i + size]) for i in range(0, len(todo), size)]
        return len(self._batches)

    def _engine_options(self) -> EngineOptions:
        options = self.options.engine
        words = expected_words(self._inspector.rules) if self.options.rule_words else ()
        return replace(options, hotwords=(*options.hotwords, *words))

    def transcribe(self, batch: int, *, last_try: bool) -> int:
        """Transcripts of a batch, from the cache where they are there; returns how many calls have one.

        An OSError (a network drive that is away) is raised to be tried again, and on the last try recorded.
        """
        done: list[tuple[Call, Transcript]] = []
        failed: list[tuple[Call, Problem]] = []
        calls = self._batches[batch]
        outcomes = transcribe_calls(
            calls,
            self._engine,
            agent_channel=self.options.agent_channel,
            cache=self._cache,
            separator=self._separator,
            guard=self._guard,
        )
        for n, (call, heard) in enumerate(zip(calls, outcomes, strict=True)):
            if isinstance(heard, Transcript):
                done.append((call, heard))
            elif isinstance(heard, OSError) and not last_try:
                raise heard
            else:
                failed += [(call, p) for p in self._why(call, heard)]
            self._notify("transcribe", self._before(batch) + n + 1, self._found - self._skipped)
        self._record("transcribe", failed)
        self._transcripts[batch] = done
        return len(done)

    def _why(self, call: Call, error: Exception) -> Sequence[Problem]:
        if isinstance(error, UserError):
            return error.problems
        return [unreadable(call, error) if isinstance(error, OSError) else internal(call, error)]

    def inspect(self, batch: int) -> int:
        """Judges and scores a batch and stages its rows; returns how many calls were inspected."""
        inspected: list[InspectedCall] = []
        failed: list[tuple[Call, Problem]] = []
        for call, transcript in self._transcripts.pop(batch, []):
            try:
                inspected.append(self._inspect_one(call, transcript))
            except Exception as error:
                failed.append((call, internal(call, error)))
        self._record("inspect", failed)
        self.lake.stage(f"{self.run_id}-{batch:06d}", batch_rows(inspected), run_id=self.run_id)
        done = [self._ledger_work(i.call) for i in inspected if i.call.call_id not in self._ask_again]
        self.ledger.mark(done, stage=_INSPECTED, state=run_ledger.State.RUNNING, run_id=self.run_id)
        self._done += len(inspected)
        self._notify("inspect", self._before(batch) + len(self._batches[batch]), self._found - self._skipped)
        return len(inspected)

    def publish(self) -> RunSummary:
        """Brings the tables up to date and closes the run in the ledger."""
        rows = [failure_row(p, source=source, run_id=self.run_id) for source, p in self._failures]
        self.lake.stage(f"{self.run_id}-failures", {}, run_id=self.run_id, failures=rows, sources=self._sources)
        self._publish_staged()
        summary = RunSummary(
            run_id=self.run_id,
            found=self._found,
            inspected=self._done,
            skipped=self._skipped,
            failed=len(self._failures),
        )
        counts = {n: getattr(summary, n) for n in ("found", "inspected", "skipped", "failed")}
        self.ledger.finish_run(self.run_id, state=run_ledger.State.DONE, counts=counts)
        return summary

    def _publish_staged(self) -> None:
        self.lake.publish()
        self.ledger.finish_stage(_INSPECTED)

    def _inspect_one(self, call: Call, transcript: Transcript) -> InspectedCall:
        unanswered = self._llm.unanswered if self._llm else 0
        result = inspect_call(call, transcript, self._inspector)
        if self._llm and self._llm.unanswered > unanswered:
            self._ask_again.add(call.call_id)
        return InspectedCall(
            call=call,
            transcript=transcript,
            signals=result.signals,
            emotions=result.emotions,
            verdicts=result.verdicts,
            score=result.score,
            course=result.course,
            traits=result.traits,
            rules=self._rule_infos,
            provenance=self._provenance,
        )

    @property
    def failures(self) -> tuple[Problem, ...]:
        """Everything that could not be inspected so far, with its reason."""
        return tuple(problem for _, problem in self._failures)

    def _ledger_work(self, call: Call) -> run_ledger.Work:
        return run_ledger.Work(call.call_id, call.content_hash, self._digests[call.call_id])

    def _before(self, batch: int) -> int:
        return batch * self.options.batch_size

    def _record(self, stage: str, failed: Sequence[tuple[Call, Problem]]) -> None:
        failed = [(call, placed(call, problem)) for call, problem in failed]
        self._failures += [(source_of(call)[0], problem) for call, problem in failed]
        if failed:
            self.ledger.fail([(self._ledger_work(c), p) for c, p in failed], stage=stage, run_id=self.run_id)

    def _config_digest(self, call: Call | None) -> str:
        """What beside the call itself decides its rows."""
        engine = "given"
        if self._engine and (call is None or call.audio_path):
            engine = f"{self._engine.fingerprint} guard={self._guard.fingerprint}"
            engine += f" {self._separator.fingerprint}" if self._separator else ""
        p = self._provenance
        return _digest(
            (
                version("zhijian"),
                p.rules_digest,
                p.sheet_digest,
                p.emotion_digest,
                engine,
                str(self.options.agent_channel),
                self.options.timezone,
                str(self.options.customers),
                *([self._llm.fingerprint] if self._llm else []),
            )
        )

    def _work_digest(self, call: Call) -> str:
        known = {f.name: getattr(call, f.name) for f in fields(call) if f.name not in _NOT_IDENTITY}
        return _digest([self._config_digest(call), known])


def _digest(value: Any) -> str:
    def plain(each: Any) -> Any:
        if isinstance(each, datetime):
            return each.isoformat()
        return dict(each) if isinstance(each, Mapping) else str(each)

    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=plain)
    return hashlib.sha256(text.encode()).hexdigest()
