"""`classifier` in rules: judged by a model that the test taught."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline.domain.errors import RuleError
from pipeline.domain.transcript import Quarantine
from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.load import load_pack
from pipeline.text.classify.classifier import Classifier, write_classifier
from pipeline.text.classify.fit import fit
from tests.rulepack.conftest import JudgeOne, WritePack
from tests.text.classify.samples import EXAMPLES

SHIRKS = "账单这个事不归我管您找别的部门"
HELPS = "好的我马上帮您查一下账单请稍等"
PutModel = Callable[..., Path]


def rule(**params: Any) -> dict[str, Any]:
    check = {"model": "models/m.npz", "label": "推诿", "threshold": 0.7} | params
    return {"checks": {"shirk": {"classifier": check, "role": "agent"}}, "forbid": "shirk"}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("model") / "m.npz"
    weights, labels, _ = fit(EXAMPLES)
    write_classifier(path, weights, labels)
    return path.read_bytes()


@pytest.fixture(autouse=True)
def put_model(tmp_path: Path, model: bytes) -> PutModel:
    """The pack that the test writes has its model; another one can be put beside it."""

    def put(name: str = "t/models/m.npz", content: bytes = model) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    put()
    return put


@pytest.mark.parametrize(
    ("params", "dialogue", "value"),
    [
        ({}, f"客户: 账单不对\n客服: {SHIRKS}", "violated"),
        ({}, f"客户: 账单不对\n客服: {HELPS}", "passed"),
        ({}, f"客户: {SHIRKS}\n客服: {HELPS}", "passed"),
        ({"threshold": 0.999}, f"客服: {SHIRKS}", "passed"),
        ({"threshold": 0.999, "doubt": 0.7}, f"客服: {SHIRKS}", "suspected"),
        ({"turns": 2}, f"客服: {SHIRKS}", "passed"),
        ({"turns": 2}, f"客服: {SHIRKS}\n客户: 啊\n客服: 退款{SHIRKS}", "violated"),
    ],
    ids=["said", "not said", "the other one said it", "not probable enough", "in doubt", "once", "twice"],
)
def test_a_turn_that_the_model_gives_the_label_is_found(
    params: dict[str, Any], dialogue: str, value: str, judge_one: JudgeOne
) -> None:
    assert judge_one(rule(**params), dialogue).value == value


def test_a_finding_shows_the_turn_and_how_sure_the_model_is(judge_one: JudgeOne) -> None:
    verdict = judge_one(rule(), f"客户 [0-2]: 账单不对\n客服 [2-6]: {SHIRKS}")
    (finding,) = verdict.findings
    assert (finding.turn, finding.start_ms, finding.end_ms) == (1, 2000, 6000)
    assert finding.match is MatchKind.MEASURE
    assert finding.matched == SHIRKS
    assert 0.7 <= finding.confidence <= 1
    assert "推诿" in verdict.reason


@pytest.mark.parametrize(
    ("marked", "probability", "value"),
    [
        ({1: {"role_confidence": 0.7}}, 1.0, "suspected"),
        ({1: {"quarantine": Quarantine.STOCK}}, 1.0, "passed"),
        ({}, 0.3, "suspected"),
    ],
    ids=["a doubtful speaker", "set apart", "unclear speech"],
)
def test_what_may_not_have_been_said_violates_nothing(
    marked: dict[int, dict[str, Any]], probability: float, value: str, judge_one: JudgeOne
) -> None:
    dialogue = f"客户 [0-2]: 账单不对\n客服 [2-6]: {SHIRKS}"
    assert judge_one(rule(), dialogue, marked=marked, probability=probability).value == value


@pytest.mark.parametrize(("probability", "value"), [(1.0, "violated"), (0.3, "undetermined")])
def test_where_speech_is_unclear_nobody_is_said_not_to_have_helped(
    probability: float, value: str, judge_one: JudgeOne
) -> None:
    helped = rule(label="其他", threshold=0.9) | {"expect": "shirk", "forbid": None}
    dialogue = f"客户 [0-2]: 账单不对\n客服 [2-6]: {SHIRKS}"
    wanted = {key: value for key, value in helped.items() if value is not None}
    assert judge_one(wanted, dialogue, probability=probability).value == value


def test_a_call_goes_through_a_model_once_however_many_checks_ask(
    judge_one: JudgeOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[str]] = []
    shares = Classifier.shares

    def counted(self: Classifier, texts: Sequence[str]) -> tuple[Mapping[str, float] | None, ...]:
        asked.append(texts)
        return shares(self, texts)

    monkeypatch.setattr(Classifier, "shares", counted)
    two = rule()
    two["checks"]["help"] = two["checks"]["shirk"] | {"classifier": {**two["checks"]["shirk"]["classifier"]}}
    judge_one(two | {"forbid": "shirk and not help"}, f"客服: {SHIRKS}\n客户: 啊")
    assert asked == [[SHIRKS, "啊"]]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"model": "models/none.npz"}, "没有这个文件"),
        ({"model": "../outside.npz"}, "不在规则包的文件夹里"),
        ({"model": "models/link.npz"}, "不在规则包的文件夹里"),
        ({"model": "models/loop.npz"}, "用不了"),
        ({"model": "models"}, "应是 .npz 文件"),
        ({"model": "models\\m.npz"}, "不在规则包的文件夹里"),
        ({"model": "models/\0.npz"}, "用不了"),
        ({"model": "models/broken.npz"}, "已损坏"),
        ({"model": "models/folder.npz"}, "读不出来"),
        ({"model": 3}, "应是规则包文件夹里的模型文件"),
        ({"label": "推委"}, "没有标签“推委”,可用:其他、推诿"),
        ({"doubt": 0.9}, "doubt 不能高于 threshold"),
        ({"threshold": 0}, "超出范围"),
    ],
)
def test_a_model_that_cannot_be_used_is_a_problem_of_the_rule_with_its_line(
    params: dict[str, Any], said: str, write_pack: WritePack, put_model: PutModel
) -> None:
    outside = put_model("outside.npz")
    put_model("t/models/broken.npz", b"PK\x03\x04")
    models = outside.parent / "t" / "models"
    (models / "link.npz").symlink_to(outside)
    (models / "loop.npz").symlink_to(models / "loop.npz")
    (models / "folder.npz").mkdir()
    with pytest.raises(RuleError, match=said) as caught:
        load_pack(write_pack(rule(**params)))
    (problem,) = caught.value.problems
    assert problem.file == "t/a.yml"
    assert problem.row is not None
    assert problem.row > 1


def test_an_absolute_path_is_refused_even_into_the_pack(write_pack: WritePack, put_model: PutModel) -> None:
    with pytest.raises(RuleError, match="不在规则包的文件夹里"):
        load_pack(write_pack(rule(model=str(put_model()))))


def test_another_model_under_the_same_name_makes_another_pack(write_pack: WritePack, put_model: PutModel) -> None:
    before = load_pack(write_pack(rule())).digest
    assert load_pack(write_pack(rule())).digest == before
    weights, labels, _ = fit(EXAMPLES[1:])
    write_classifier(put_model(), weights, labels)
    assert load_pack(write_pack(rule())).digest != before
