"""`zhijian rules train-classifier`: from a table of labelled lines to a model that a rule can name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app, main
from pipeline.text.classify.classifier import read_classifier
from tests.text.classify.samples import EXAMPLES, SHIRKING

CSV = "text,label\n" + "".join(f"{e.text},{e.label}\n" for e in EXAMPLES)


def train(samples: Path, out: Path) -> str:
    result = CliRunner().invoke(app, ["rules", "train-classifier", str(samples), "--out", str(out)])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("样本.csv", CSV.encode()),
        ("样本.csv", CSV.replace("text,label", "编号;文本;标签").replace(",", ";").encode("gb18030")),
        ("样本.jsonl", "".join(json.dumps({"text": e.text, "label": e.label}) + "\n" for e in EXAMPLES).encode()),
    ],
    ids=["CSV", "Excel's CSV in GBK", "JSONL"],
)
def test_labelled_lines_become_a_model_with_its_card(name: str, content: bytes, tmp_path: Path) -> None:
    if b";" in content:
        head, *rows = content.splitlines(keepends=True)
        content = head + b"".join(b"1;" + row for row in rows)
    (tmp_path / name).write_bytes(content)
    out = tmp_path / "pack" / "models" / "推诿.npz"
    said = train(tmp_path / name, out)
    assert "24 行样本,2 种标签(其他、推诿)" in said
    (shares,) = read_classifier(out).shares([SHIRKING[0]])
    assert shares is not None
    assert shares["推诿"] > 0.7
    card = out.with_suffix(".md").read_text(encoding="utf-8")
    assert "推诿" in card
    assert read_classifier(out).digest in card
    assert "宏平均 F1" in card


def test_the_card_repeats_no_line_of_the_examples(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(CSV, encoding="utf-8")
    train(tmp_path / "s.csv", tmp_path / "m.npz")
    card = (tmp_path / "m.md").read_text(encoding="utf-8")
    assert not [e.text for e in EXAMPLES if e.text in card]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("s.csv", "text,label\n", "没有样本"),
        ("s.csv", "话,类\n你好,问候\n", "text(文本)和 label(标签)"),
        ("s.csv", CSV + "没有标签的一行,\n", "s.csv 第 26 行"),
        ("s.csv", "text,label\n" + "喂,问候\n" * 12, "至少要有两种标签"),
        ("s.csv", CSV + f"{SHIRKING[0]},其他\n", "标了两种标签"),
        ("s.csv", CSV + f"{'长' * 2001},其他\n", "超过 2000 字"),
        ("s.jsonl", '{"text": "喂"}\n{"text": 3, "label": "x"}\nx\n', "s.jsonl 第 3 行"),
        ("s.csv", "", "没有内容"),
    ],
)
def test_examples_that_cannot_be_used_are_named_with_their_line(
    name: str, content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["rules", "train-classifier", str(tmp_path / name), "--out", str(tmp_path / "m.npz")])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "m.npz").exists()


@pytest.mark.parametrize(
    ("samples", "out", "said"),
    [("none.csv", "m.npz", "找不到这个文件"), ("s.csv", "m.pkl", ".npz"), ("s.csv", "s.csv/m.npz", "写不了文件")],
)
def test_paths_that_cannot_be_used_are_told(
    samples: str, out: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "s.csv").write_text(CSV, encoding="utf-8")
    with pytest.raises(SystemExit) as caught:
        main(["rules", "train-classifier", str(tmp_path / samples), "--out", str(tmp_path / out)])
    assert caught.value.code == 2
    assert said in capsys.readouterr().err
