"""`zhijian train emotion`: from a table of judged turns to a model that runs, never in the place of a better one."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from flows.cli import app, main
from flows.commands.train import EXIT_NOT_BETTER
from pipeline.assets import asset
from pipeline.emotion import EmotionModel
from pipeline.emotion.folder import MAX_BYTES
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table
from tests.emotion.labelled_lines import NAMES, Row, as_csv, rows
from tests.flows.conftest import RunFlow


def train(labels: Path, out: Path, *more: str) -> Result:
    return CliRunner().invoke(app, ["train", "emotion", "--labels", str(labels), "--out", str(out), *more])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def by_chance(seed: int = 0) -> list[Row]:
    """The same calls, labelled by throwing dice."""
    rng = random.Random(seed)
    return [(*row[:4], row[4] and rng.choice(list(NAMES.values()))) for row in rows()]


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "标注.csv"
    path.write_bytes(as_csv(rows()).encode("gb18030"))
    return path


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("noise") / "乱标.csv"
    path.write_text(as_csv(by_chance()), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(labels: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("trained") / "我的模型"
    return out, train(labels, out)


def test_judged_turns_become_a_model_with_figures_before_and_after(trained: tuple[Path, Result]) -> None:
    out, result = trained
    assert result.exit_code == 0, result.output
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    before, after = metrics["before"]["macro_f1"], metrics["after"]["macro_f1"]
    assert after["value"] > before["value"] + 0.3
    assert after["low"] <= after["value"] <= after["high"]
    assert metrics["calls"] == 30
    assert metrics["examples"] == 60
    assert metrics["kept_before"]["judged"] == metrics["kept_after"]["judged"]
    card = (out / "README.md").read_text(encoding="utf-8")
    for figure in (before["value"], after["value"], after["low"], metrics["kept_after"]["macro_f1"]["value"]):
        assert f"{figure:.3f}" in card
    assert f"{after['value']:.3f}" in result.output
    assert EmotionModel.load(out).digest == metrics["digest"]
    assert sum(map(len, contents(out).values())) < MAX_BYTES


def test_no_sentence_of_the_labels_stands_in_the_folder(trained: tuple[Path, Result]) -> None:
    written = "\n".join(content.decode("utf-8", "replace") for content in contents(trained[0]).values())
    assert not [row[3] for row in rows() if row[4] and row[3] in written]


def test_the_same_labels_give_the_same_bytes_and_are_no_reason_to_refuse(
    trained: tuple[Path, Result], labels: Path, tmp_path: Path
) -> None:
    out = tmp_path / "again"
    shutil.copytree(trained[0], out)
    result = train(labels, out)
    assert result.exit_code == 0, result.output
    assert "逐字节相同" in result.output
    model = ("adapter.json", "own/coefficients.npy", "own/vocabulary.txt", "seen.npy", "base/model.json")
    assert [contents(out)[name] for name in model] == [contents(trained[0])[name] for name in model]


def test_what_is_no_better_than_the_shipped_model_is_not_written_unless_told(noise: Path, tmp_path: Path) -> None:
    out = tmp_path / "noise"
    refused = train(noise, out)
    assert refused.exit_code == EXIT_NOT_BETTER, refused.output
    assert "没有替换" in refused.output
    assert not out.exists()
    forced = train(noise, out, "--force")
    assert forced.exit_code == 0
    assert "按 --force 替换" in forced.output
    assert EmotionModel.load(out)


def test_a_better_model_in_the_folder_is_not_replaced(
    trained: tuple[Path, Result], noise: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    shutil.copytree(trained[0], out)
    before = contents(out)
    refused = train(noise, out)
    assert refused.exit_code == EXIT_NOT_BETTER, refused.output
    # The turns are those that the present model has learnt from: only the validations can be compared.
    assert "只能比各自交叉验证的宏平均 F1" in refused.output
    assert contents(out) == before


def test_a_model_is_compared_on_turns_that_it_has_not_learnt_from(trained: tuple[Path, Result], tmp_path: Path) -> None:
    fresh = [(f"新{row[0]}", row[1], row[2], row[3] + "啊" if row[4] else row[3], row[4]) for row in rows()]
    path = tmp_path / "更多.csv"
    path.write_text(as_csv(rows() + fresh), encoding="utf-8")
    out = tmp_path / "mine"
    shutil.copytree(trained[0], out)
    result = train(path, out, "--force")
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert result.exit_code == 0, result.output
    assert metrics["decision"]["compared"] == 60
    assert metrics["present"]["judged"] == 60
    assert metrics["present"]["macro_f1"]["value"] > metrics["before"]["macro_f1"]["value"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("说话人,文本\n客户,好\n", "缺少列 label"),
        ("说话人,文本,情绪\n客户,好,开心\n老板,好,平静\n", "第 3 行"),
        ("说话人,文本,情绪\n客户,好,平静\n", "至少要 50 轮"),
    ],
)
def test_labels_that_cannot_be_used_are_told(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "标注.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["train", "emotion", "--labels", str(path), "--out", str(tmp_path / "m")])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


def test_a_folder_of_other_files_is_never_touched(
    labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "合同.docx").write_text("x")
    with pytest.raises(SystemExit) as caught:
        main(["train", "emotion", "--labels", str(labels), "--out", str(tmp_path), "--force"])
    assert caught.value.code == 2
    assert "合同.docx" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["合同.docx"]


def test_a_run_with_the_model_names_it_in_its_rows(
    trained: tuple[Path, Result], run_flow: RunFlow, tmp_path: Path
) -> None:
    chats = tmp_path / "会话.jsonl"
    turns = [{"role": "客服", "text": "您好"}, {"role": "客户", "text": "就是那个蓝鲸套餐"}]
    chats.write_text(json.dumps({"call_id": "A1", "turns": turns}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert run_flow(chats).inspected == 1
    again = run_flow(chats, emotion_model=trained[0])
    assert again.inspected == 1, "another model is another result"
    scores = Lake(tmp_path / "lake").read(Table.SCORES)
    assert list(scores["emotion_digest"]) == [EmotionModel.load(trained[0]).digest]


def test_a_model_folder_that_is_none_stops_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chats = asset("fixtures/audio/general/chats.jsonl")
    with pytest.raises(SystemExit) as caught:
        main(["run", str(chats), "--out", str(tmp_path / "lake"), "--emotion-model", str(tmp_path / "none")])
    assert caught.value.code == 2
    assert "情绪模型" in capsys.readouterr().err


class TestEvaluate:
    def evaluate(self, out: Path, *arguments: object) -> Result:
        return CliRunner().invoke(app, ["evaluate", "emotion", *map(str, arguments), "--out", str(out)])

    def test_without_labels_the_built_in_lines_are_used(self, tmp_path: Path) -> None:
        result = self.evaluate(tmp_path)
        assert result.exit_code == 0, result.output
        assert "自带的留出话语" in result.output
        assert "168 个判断" in result.output

    def test_turns_are_compared_and_the_wrong_ones_shown_masked(self, tmp_path: Path) -> None:
        table = [*rows(), ("C900", "1", "客户", "太感谢了我的电话是13812345678", "愤怒")]
        (tmp_path / "标注.csv").write_text(as_csv(table), encoding="utf-8")
        result = self.evaluate(tmp_path / "out", "--labels", tmp_path / "标注.csv")
        assert result.exit_code == 0, result.output
        assert "61 个判断,31 通" in result.output
        kept = pd.read_parquet(tmp_path / "out" / "emotion_turns.parquet")
        assert len(kept) == 61
        assert not kept.astype(str).apply(lambda column: column.str.contains("感谢")).to_numpy().any()
        page = (tmp_path / "out" / "emotion.html").read_text(encoding="utf-8")
        assert "太感谢了我的电话是138****5678" in page
        assert "13812345678" not in page
        right = (kept["truth"] == kept["said"]).mean()
        assert f"判对的份额 {right:.3f}" in " ".join(result.output.split())

    def test_turns_that_the_model_has_learnt_from_do_not_count(
        self, trained: tuple[Path, Result], labels: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        table = [*rows(), ("C900", "1", "客户", "怎么又是这样", "不满")]
        (tmp_path / "标注.csv").write_text(as_csv(table), encoding="utf-8")
        result = self.evaluate(tmp_path / "out", "--labels", tmp_path / "标注.csv", "--model", trained[0])
        assert "1 个判断,1 通" in result.output
        assert "另有 60 轮" in result.output
        with pytest.raises(SystemExit):
            main(["evaluate", "emotion", "--labels", str(labels), "--model", str(trained[0]), "--out", str(tmp_path)])
        assert "都学过" in capsys.readouterr().err

    def test_calls_are_compared_by_their_worst_and_their_end(self, tmp_path: Path) -> None:
        angry = [{"role": "客户", "text": "你们就是骗子我要投诉你们气死我了"}, {"role": "客服", "text": "非常抱歉"}]
        calm = [{"role": "客户", "text": "我想查一下话费"}, {"role": "客服", "text": "好的"}]
        chats = tmp_path / "会话.jsonl"
        lines = ({"call_id": "A1", "turns": angry}, {"call_id": "A2", "turns": calm})
        chats.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        truth = tmp_path / "通话情绪.csv"
        truth.write_text("call_id,peak,end\nA1,angry,愤怒\nA2,calm,\nA3,calm,calm\n", encoding="utf-8")
        result = self.evaluate(tmp_path / "out", chats, "--calls", truth)
        assert result.exit_code == 3, result.output
        assert "没有这通的文字" in result.output
        assert "通话 A3" in result.output
        kept = pd.read_parquet(tmp_path / "out" / "emotion_calls.parquet").set_index("call_id")
        assert list(kept.index) == ["A1", "A2"]
        assert kept.loc["A1", "peak"] == "angry"
        assert kept.loc["A2", "peak"] == "calm"
        assert "通话:客户情绪最差时" in (tmp_path / "out" / "emotion.html").read_text(encoding="utf-8")

    def test_judged_calls_without_their_words_are_told(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "t.csv").write_text("call_id,peak,end\nA1,angry,calm\n", encoding="utf-8")
        with pytest.raises(SystemExit) as caught:
            main(["evaluate", "emotion", "--calls", str(tmp_path / "t.csv"), "--out", str(tmp_path / "out")])
        assert caught.value.code == 2
        assert "没有一通标注过的通话找到了文字" in capsys.readouterr().err
