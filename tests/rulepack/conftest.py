"""Small packs written in the test, judged through the same engine as real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.domain.call import Call, Channel
from pipeline.domain.emotion import EmotionLabel, TurnEmotion
from pipeline.domain.transcript import Transcript
from pipeline.domain.verdict import Verdict
from pipeline.rulepack.cases import parse_dialogue
from pipeline.rulepack.judge import judge
from pipeline.rulepack.llm.question import LanguageModel
from pipeline.rulepack.load import RuleSet, load_rules
from pipeline.rulepack.view import CallView, view_call
from pipeline.signals import measure

PACK = {"id": "t", "version": "1.0.0", "title": "测试", "owner": "质检组", "language": "zh", "covers": "测试"}
RULE = {
    "id": "t.a.rule",
    "title": "规则",
    "kind": "scripted",
    "severity": "minor",
    "status": "test",
    "version": 1,
    "since": "2026-01-01",
    "guidance": "请照做",
}

WritePack = Callable[..., Path]
ViewOne = Callable[..., CallView]
JudgeOne = Callable[..., Verdict]


@pytest.fixture
def write_pack(tmp_path: Path) -> WritePack:
    def write(*rules: dict[str, Any] | str, pack: dict[str, Any] | None = None, name: str = "t") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        (folder / "pack.yml").write_text(yaml.safe_dump(pack or PACK, allow_unicode=True), encoding="utf-8")
        text = "".join(r if isinstance(r, str) else yaml.safe_dump([RULE | r], allow_unicode=True) for r in rules)
        (folder / "a.yml").write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def view_one() -> ViewOne:
    """A written dialogue as the rules see it. `angry` are the turns that sound angry, `anger` how surely.

    `marked`: further fields of the turns with these indexes.
    """

    def run(
        rules: RuleSet,
        dialogue: str,
        *,
        probability: float = 1.0,
        angry: tuple[int, ...] = (),
        anger: float = 0.9,
        channel: Channel | None = None,
        roles_known: bool = True,
        metadata: dict[str, str] | None = None,
        marked: dict[int, dict[str, Any]] | None = None,
        language_model: LanguageModel | None = None,
        **call_fields: Any,
    ) -> CallView:
        turns = parse_dialogue(dialogue, word_probability=probability)
        turns = tuple(replace(turn, **(marked or {}).get(turn.index, {})) for turn in turns)
        timed = turns[0].start_ms is not None
        kind = channel or (Channel.VOICE if timed else Channel.CHAT)
        call = Call(
            call_id="c", channel=kind, source="s", content_hash="h", turns=turns, metadata=metadata or {}, **call_fields
        )
        duration = max(t.end_ms or 0 for t in turns) if timed else None
        transcript = Transcript(turns=turns, engine="given", duration_ms=duration, roles_known=roles_known)
        # The emotion model gives none to a turn that is set apart.
        emotions = [None if t.quarantined else _feeling(anger if t.index in angry else 0.0) for t in turns]
        signals = measure(transcript, channel=kind)
        return view_call(call, transcript, signals, emotions, rules.index, language_model=language_model)

    return run


@pytest.fixture
def judge_one(write_pack: WritePack, view_one: ViewOne) -> JudgeOne:
    """The verdict of one rule on a written dialogue, which may be told more of as `view_one` is."""

    def run(rule: dict[str, Any], dialogue: str, **said: Any) -> Verdict:
        rules: RuleSet = load_rules([write_pack(rule)])
        (verdict,) = judge(rules, view_one(rules, dialogue, **said))
        return verdict

    return run


def _feeling(anger: float) -> TurnEmotion:
    probabilities = dict.fromkeys(EmotionLabel, 0.0)
    probabilities |= {EmotionLabel.ANGRY: anger, EmotionLabel.CALM: 1 - anger}
    label = EmotionLabel.ANGRY if anger >= 0.5 else EmotionLabel.CALM
    return TurnEmotion(label, max(anger, 1 - anger), probabilities)
