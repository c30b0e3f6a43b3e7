"""The shipped scenes: what they cover, and that the rules find in them exactly what was planted.

No sound is made: the scenes are heard as a perfect recogniser would, at times that are estimated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from pipeline.assets import asset
from pipeline.domain.verdict import VerdictValue
from pipeline.emotion import load_default
from pipeline.rulepack.load import load_rules
from pipeline.score.inspect import verdicts_of
from tests.training.heard import Judge, estimate, heard
from training.make_fixtures.__main__ import all_scenes, read_scenes
from training.make_fixtures.perform import rehearse
from training.make_fixtures.scene import Scene
from training.make_fixtures.script import Pause, Sound
from training.make_fixtures.tables import truth_of
from training.voice import VARIANTS_UNSEEN

SCENES = {scene.header.call_id: scene for scene in read_scenes(all_scenes())}
RECORDINGS = [scene for scene in SCENES.values() if not scene.header.is_chat]
NOTABLE = (VerdictValue.VIOLATED, VerdictValue.SUSPECTED)
ROLE_FREE = {"general.behaviour.silence", "general.hold.notice"}
"""The rules that can be judged where nobody knows who speaks."""

PROVED_BY_CASES_ALONE = (
    "banned.brush_off banned.over_promise banned.push_away closing.farewell complaint.objection complaint.superior "
    "hold.announced process.promise question.leading risk.churn risk.compensation risk.hurried risk.injury risk.menace "
    "risk.repeat_contact risk.self_harm risk.ultimatum wording.jargon wording.rigid"
).split()
"""The rules of which no scene holds a planted fault; their cases in `rules/general` prove them."""


@pytest.fixture(scope="module")
def judge() -> Judge:
    return verdicts_of(load_rules([asset("rules/general")]), load_default())


@pytest.mark.parametrize("call_id", sorted(SCENES))
def test_the_rules_find_what_was_planted_and_nothing_else(call_id: str, judge: Judge) -> None:
    performed, _ = rehearse(SCENES[call_id], estimate)
    truth = truth_of(performed)
    verdicts = {verdict.rule_id: verdict for verdict in judge(*heard(performed))}
    planted = {event["rule_id"] for event in truth["events"]}
    missed = {rule: verdicts[rule].reason for rule in planted if verdicts[rule].value is not VerdictValue.VIOLATED}
    assert missed == {}
    false_alarms = {
        rule: verdict.reason
        for rule, verdict in verdicts.items()
        if verdict.value in NOTABLE and rule not in planted and rule not in truth["may"]
    }
    assert false_alarms == {}
    assert set(truth["must_not"]) <= set(verdicts)


def test_a_mono_recording_plants_only_what_can_be_found_without_knowing_who_speaks() -> None:
    for scene in RECORDINGS:
        if scene.header.mono:
            assert not scene.header.absent
            assert {fault.rule_id for item in scene.script for fault in item.faults} <= ROLE_FREE


def test_every_rule_is_broken_in_some_scene_and_most_are_nearly_broken_in_another() -> None:
    planted = {
        event["rule_id"] for scene in SCENES.values() for event in truth_of(rehearse(scene, estimate)[0])["events"]
    }
    rules = {rule.spec.id for rule in load_rules([asset("rules/general")]).rules}
    assert rules - planted == {f"general.{rule}" for rule in PROVED_BY_CASES_ALONE}
    assert planted <= rules
    assert len({rule for scene in SCENES.values() for rule in scene.header.must_not}) >= 16


@pytest.mark.parametrize("industry", ["insurance", "banking", "collections", "telecom", "ecommerce", "property"])
def test_every_industry_has_good_and_faulty_calls_and_chats(industry: str) -> None:
    headers = [scene.header for scene in SCENES.values() if scene.header.industry == industry]
    recordings, chats = [h for h in headers if not h.is_chat], [h for h in headers if h.is_chat]
    assert len(recordings) >= 6
    assert sum(h.clean for h in recordings) >= 2
    assert sum(not h.clean for h in recordings) >= 3
    assert len(chats) >= 3
    assert {h.clean for h in chats} == {True, False}


def test_each_scene_lies_in_the_folder_of_its_industry() -> None:
    for path in all_scenes():
        (scene,) = read_scenes([path])
        assert path.parent.name == scene.header.industry


def test_the_recordings_cover_what_a_telephone_line_brings() -> None:
    assert len(RECORDINGS) >= 62
    assert len(SCENES) - len(RECORDINGS) >= 20
    assert {scene.header.format for scene in RECORDINGS} == {"wav", "mp3", "opus"}
    quality = Counter(scene.header.quality for scene in RECORDINGS)
    assert quality["fair"] >= 12
    assert quality["poor"] >= 8
    assert _count(scene.header.mono for scene in RECORDINGS) >= 6
    assert _count(scene.header.agent_channel == 1 for scene in RECORDINGS) >= 4
    sounds = Counter(sound for scene in RECORDINGS for sound in {p.sound for p in _pauses(scene) if p.sound})
    assert sounds[Sound.MUSIC] >= 5
    assert sounds[Sound.RING] >= 4
    assert sounds[Sound.NOISE] >= 2
    assert _count(any(p.sound is None and p.length_ms > 10_000 for p in _pauses(scene)) for scene in RECORDINGS) >= 6
    assert _count(any(u.overlap_ms for u in scene.utterances) for scene in RECORDINGS) >= 8
    assert (
        _count(any(c.isascii() and c.isalpha() for u in scene.utterances for c in u.text) for scene in RECORDINGS) >= 8
    )
    assert _count(any(c.isdigit() for u in scene.utterances for c in u.text) for scene in RECORDINGS) >= 20


def test_a_third_of_the_new_recordings_has_a_voice_that_the_recogniser_never_heard() -> None:
    new = [scene for scene in RECORDINGS if scene.header.industry != "general"]
    unseen = _count(any(scene.speaker_of(u).voice in VARIANTS_UNSEEN for u in scene.utterances) for scene in new)
    assert unseen * 3 >= len(new)


def test_one_call_is_longer_than_twelve_minutes_and_the_others_are_short() -> None:
    minutes = sorted(max(s.end_ms for s in rehearse(scene, estimate)[0].spans) / 60_000 for scene in RECORDINGS)
    assert minutes[-1] > 12
    assert minutes[-2] < 3


def test_every_agent_is_heard_on_several_days() -> None:
    days: dict[str, set[str]] = {}
    for scene in SCENES.values():
        days.setdefault(scene.header.meta.agent_id, set()).add(scene.header.meta.started_at.date().isoformat())
    assert len(days) == 18
    assert min(map(len, days.values())) >= 2


def _pauses(scene: Scene) -> list[Pause]:
    return [item for item in scene.script if isinstance(item, Pause)]


def _count(truths: Iterable[bool]) -> int:
    return sum(truths)
