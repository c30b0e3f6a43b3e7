"""`zhijian rules backtest`: a changed pack on the calls of a real run."""

from __future__ import annotations

import html
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from flows.cli import app, main
from pipeline.assets import asset
from pipeline.domain.call import Channel
from pipeline.domain.signals import Signals
from pipeline.domain.transcript import Transcript
from pipeline.domain.verdict import VerdictValue
from pipeline.rulepack.cases import parse_dialogue
from pipeline.rulepack.evidence import read_evidence
from pipeline.score.sheet import load_sheet
from pipeline.signals import measure
from pipeline.store.lake import Lake
from pipeline.store.schemas import Table
from tests.flows.backtest_lake import SHIRK, THANKS, rule, run_lake, words, write_pack, write_sheet
from tests.insight.build import inspected, lake_of

CHANGED = rule(version=2, checks=words("不归我管", "您找财务吧", unless=["不是不归我管"]))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake judged by `old`, the packs `old` and `new`, and a sheet that both know."""
    place = tmp_path_factory.mktemp("backtest")
    old = write_pack(place / "old", rule(), rule(THANKS, title="不必道谢", checks=words("谢谢您的来电")))
    sheet = write_sheet(place / "sheet.yml", deduct=[SHIRK])
    run_lake(place, old, sheet=sheet)
    write_pack(place / "new", CHANGED, rule("t.risk.hours", title="说了几点<b>", checks=words("晚上九点", "您打")))
    return place


def _run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["rules", "backtest", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def _try(place: Path, out: Path, *more: object, pack: str = "new", code: int = 0) -> str:
    return _run(
        place / pack, "--on", place / "lake", "--sheet", place / "sheet.yml", "--out", out, *more, code=code
    ).output


def _changes(out: Path) -> list[tuple[str, str, str, str | None, str | None]]:
    rows = pd.read_parquet(out / "backtest_changes.parquet")
    rows = rows.astype(object).where(rows.notna(), None)
    return list(rows[["rule_id", "change", "call_id", "before", "after"]].itertuples(index=False, name=None))


EXPECTED = [
    (SHIRK, "newly_hit", "pushes", "passed", "violated"),
    (SHIRK, "no_longer_hit", "denies", "violated", "passed"),
    (THANKS, "no_longer_hit", "clean", "violated", None),
    ("t.risk.hours", "newly_hit", "clean", None, "violated"),
    ("t.risk.hours", "newly_hit", "shirk-2", None, "violated"),
]


def test_the_lakes_own_verdicts_are_the_older_version(place: Path, tmp_path: Path) -> None:
    said = _try(place, tmp_path)
    assert _changes(tmp_path) == EXPECTED
    assert "数据湖里当时的判定,5 通由 t@1.0.0 判出" in said
    (digest,) = set(Lake(place / "lake").read(Table.SCORES)["rules_digest"])
    assert digest[:12] in said


def test_an_older_pack_gives_the_same_changes_as_the_verdicts_that_it_gave(place: Path, tmp_path: Path) -> None:
    _try(place, tmp_path / "lake")
    _try(place, tmp_path / "older", "--against", place / "old")
    stored, older = (pd.read_parquet(tmp_path / side / "backtest_changes.parquet") for side in ("lake", "older"))
    pd.testing.assert_frame_equal(stored, older)
    assert stored["evidence"].str.contains("客服：").all()


def test_the_page_shows_the_changes_masked_and_runs_nothing(place: Path, tmp_path: Path) -> None:
    _try(place, tmp_path, "--against", place / "old")
    page = (tmp_path / "backtest.html").read_text(encoding="utf-8")
    assert "13800138000" not in page
    assert "不归我管,您打138****8000问" in page
    assert "<script" not in page
    assert "http" not in page
    assert "说了几点<b>" in html.unescape(page)
    assert "说了几点<b>" not in page
    for said in ("新命中 1 处", "不再命中 1 处", "不是不归我管,我帮您转过去", "删去", "新增"):
        assert said in page
    rows = pd.read_parquet(tmp_path / "backtest_changes.parquet")
    assert not rows.apply(lambda column: column.astype(str).str.contains("13800138000")).any().any()


def test_what_a_rule_finds_out_about_the_customer_is_called_a_risk(place: Path, tmp_path: Path) -> None:
    new = write_pack(tmp_path / "new", rule("t.risk.upset", kind="risk", checks={"said": {"phrase": ["发票开错了"]}}))
    said = _run(new, "--on", place / "lake", "--out", tmp_path / "out").output
    assert "没有判定 → 风险" in said
    assert "没有判定 → 风险" in (tmp_path / "out" / "backtest.html").read_text(encoding="utf-8")


def test_what_the_lake_did_not_keep_is_counted_and_said(tmp_path: Path) -> None:
    turns = parse_dialogue("客服 [0.0-2.0]: 这个不归我管\n客户 [2.0-4.0]: 那找谁", word_probability=0.9)
    lake = lake_of(tmp_path, *(inspected(f"c{n}", {SHIRK: VerdictValue.VIOLATED}, turns=turns) for n in range(3)))
    new = write_pack(tmp_path / "new", rule())
    _run(new, "--on", lake.root, "--out", tmp_path / "out")
    page = (tmp_path / "out" / "backtest.html").read_text(encoding="utf-8")
    assert "3 通:数据湖的表里没有逐字的时间和把握" in page
    assert "3 通:当时的情绪模型与现在的不同" in page


def test_only_the_packs_change_changes_a_score(place: Path, tmp_path: Path) -> None:
    said = _try(place, tmp_path)
    scores = pd.read_parquet(tmp_path / "backtest_scores.parquet").set_index("call_id")
    assert scores[["before", "after"]].to_dict("index") == {
        "pushes": {"before": 100.0, "after": 80.0},
        "denies": {"before": 80.0, "after": 100.0},
    }
    assert "5 通的平均分 88.0 → 88.0" in said


def test_an_unchanged_pack_changes_nothing(place: Path, tmp_path: Path) -> None:
    for more in ([], ["--against", str(place / "old")]):
        said = _try(place, tmp_path, *more, pack="old")
        assert "所有规则的判定都没有变化" in said
        assert _changes(tmp_path) == []
        assert pd.read_parquet(tmp_path / "backtest_scores.parquet").empty


def test_two_runs_write_the_same_bytes(place: Path, tmp_path: Path) -> None:
    outputs = [_try(place, tmp_path / side, "--against", place / "old") for side in "ab"]
    files = [{p.name: p.read_bytes() for p in (tmp_path / side).iterdir()} for side in "ab"]
    assert files[0] == files[1]
    assert len(files[0]) == 5
    assert outputs[0].replace(f"{tmp_path}/a", "") == outputs[1].replace(f"{tmp_path}/b", "")


REVIEWS = ["shirk-1,{rule},确认", "shirk-2,{rule},确认", "denies,{rule},误判"]


def _reviews(folder: Path, *lines: str) -> Path:
    path = folder / "reviews.csv"
    path.write_text("\n".join(["通话编号,规则编号,复核结论", *lines]).format(rule=SHIRK), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("status", "reviews", "code", "said"),
    [
        ("stable", REVIEWS, 0, "100.0%(34.2%–100.0%) 复核 2,对 2"),
        ("stable", [*REVIEWS, "pushes,{rule},误判"], 3, "新命中 1 处复核为误判的"),
        ("stable", [*REVIEWS[:2], "denies,{rule},确认"], 3, "丢了 1 处复核时确认的命中"),
        ("test", [*REVIEWS, "pushes,{rule},误判"], 0, "误判 1"),
    ],
)
def test_a_stable_rule_that_got_worse_by_what_people_decided_ends_with_code_3(
    place: Path, tmp_path: Path, status: str, reviews: list[str], code: int, said: str
) -> None:
    new = write_pack(tmp_path / "new", CHANGED | {"status": status})
    path = _reviews(tmp_path, *reviews)
    more = ["--sheet", place / "sheet.yml", "--out", tmp_path / "out", "--reviews", path]
    assert said in _run(new, "--on", place / "lake", *more, code=code).output.replace("\n", "")


def test_evidence_is_written_where_it_is_asked_for_and_earns_its_rule(place: Path, tmp_path: Path) -> None:
    new = write_pack(tmp_path / "new", CHANGED, rule("t.risk.hours", checks=words("晚上九点")))
    more = ["--on", place / "lake", "--out", tmp_path / "out", "--reviews", _reviews(tmp_path, *REVIEWS)]
    _run(new, *more)
    assert read_evidence(new) == {}
    _run(new, *more, "--evidence")
    found = read_evidence(new)
    assert set(found) == {SHIRK, "t.risk.hours"}
    shirk = found[SHIRK]
    assert (shirk.calls, shirk.hits, shirk.reviewed, shirk.right, shirk.on) == (5, 3, 2, 2, "数据湖 lake")
    _run(new, *more, "--evidence")  # what was written can be read and replaced


def test_a_lake_of_another_pack_has_only_new_hits_and_no_score_to_compare(place: Path, tmp_path: Path) -> None:
    other = write_pack(tmp_path / "u", rule("u.banned.shirk"), id="u")
    said = _try(place, tmp_path / "out", "--pack", place / "old", pack=str(other))
    assert [change[1] for change in _changes(tmp_path / "out")] == ["newly_hit"] * 3
    assert "5 通:在数据湖里没有这个规则包的判定" in said
    assert pd.read_parquet(tmp_path / "out" / "backtest_scores.parquet").empty


def test_a_sheet_with_rules_from_nowhere_costs_the_scores_and_no_more(place: Path, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "s.yml", deduct=[SHIRK, "x.y.z"])
    said = _run(place / "new", "--on", place / "lake", "--sheet", sheet, "--out", tmp_path).output
    assert "没有算分" in said
    assert "x.y.z" in said
    assert _changes(tmp_path) == EXPECTED


def test_without_a_sheet_the_standard_one_scores_with_the_general_pack(place: Path, tmp_path: Path) -> None:
    said = _run(place / "new", "--on", place / "lake", "--out", tmp_path).output
    assert "标准质检评分表" in said
    assert "里没有这个规则包的规则,分数不会变" in said


def test_a_pack_that_ships_for_a_trade_is_scored_by_the_trades_own_sheet(place: Path, tmp_path: Path) -> None:
    said = _run(asset("rules/banking"), "--on", place / "lake", "--out", tmp_path).output
    assert load_sheet(asset("rules/scoresheets/banking.yml"), rule_ids=None).title in said
    assert "没有算分" not in said


def test_a_rule_of_the_sheet_that_only_one_version_has_does_not_apply_on_the_other(place: Path, tmp_path: Path) -> None:
    sheet = write_sheet(tmp_path / "s.yml", deduct=[SHIRK, THANKS, "t.risk.hours"])
    more = ["--on", place / "lake", "--against", place / "old", "--sheet", sheet, "--out", tmp_path]
    said = _run(place / "new", *more).output.replace("\n", "")
    assert "规则 t.risk.hours 旧版没有" in said
    assert f"规则 {THANKS} 新版没有" in said
    scores = pd.read_parquet(tmp_path / "backtest_scores.parquet").set_index("call_id")
    assert "clean" not in scores.index  # the rule that went and the one that came each cost it 20


def test_an_edited_rule_of_the_same_version_is_told(place: Path, tmp_path: Path) -> None:
    new = write_pack(tmp_path / "new", CHANGED | {"version": 1})
    said = _run(new, "--on", place / "lake", "--against", place / "old", "--out", tmp_path / "out").output
    assert f"规则 {SHIRK} 改了内容而 version 没有加大" in said.replace("\n", "")


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    lake = Lake(tmp_path / "empty")
    lake.prepare()
    lake.publish()
    return lake.root


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{place}/new", "--on", "{empty}"], "没有通话"),
        (["{place}/new", "--on", "{tmp}/none"], "不是质检数据湖"),
        (["{tmp}", "--on", "{place}/lake"], "pack.yml"),
        (["{place}/new", "--on", "{place}/lake", "--against", "{general}"], "不是同一个规则包"),
        (["{place}/new", "--on", "{place}/lake", "--reviews", "{tmp}/bad.csv"], "bad.csv 第 2 行"),
        (["{place}/new", "--on", "{place}/lake", "--reviews", "{tmp}/bad.csv"], "bad.csv 第 3 行"),
        (["{place}/new", "--on", "{place}/lake", "--sheet", "{tmp}/none.yml"], "none.yml"),
        (["{place}/new", "--on", "{place}/lake", "--out", "{tmp}/bad.csv/x"], "写不了"),
    ],
)
def test_a_users_mistake_is_a_sentence(
    arguments: list[str], said: str, place: Path, empty: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.csv").write_text("通话编号,规则编号,复核结论\nc,t.a.b,对的\n,t.a.b,确认\n", encoding="utf-8")
    names = {"place": place, "tmp": tmp_path, "empty": empty, "general": asset("rules/general")}
    with pytest.raises(SystemExit) as ended:
        main(["rules", "backtest", *(a.format(**names) for a in arguments)])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_a_call_that_cannot_be_judged_costs_only_itself(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(transcript: Transcript, *, channel: Channel) -> Signals:
        if "财务" in str(transcript):
            raise RuntimeError("broken")
        return measure(transcript, channel=channel)

    monkeypatch.setattr("pipeline.score.inspect.measure", broken)
    said = _try(place, tmp_path, code=3)
    assert "没有判成" in said
    assert "pushes" in said
    assert _changes(tmp_path) == [change for change in EXPECTED if change[2] != "pushes"]


def test_the_manuals_workbook_of_flagged_calls_serves_as_reviews(place: Path, tmp_path: Path) -> None:
    out = tmp_path / "待复核.xlsx"
    exported = CliRunner().invoke(app, ["export", "flagged", "--from", str(place / "lake"), "--out", str(out)])
    assert exported.exit_code == 0
    book = openpyxl.load_workbook(out)
    page = book["证据"]
    headers = [cell.value for cell in page[1]]
    for row in range(2, page.max_row + 1):
        page.cell(row, headers.index("复核结论（确认/误判/部分成立）") + 1, "确认")
    book.save(out)
    _try(place, tmp_path / "out", "--reviews", out)
    rules = pd.read_parquet(tmp_path / "out" / "backtest_rules.parquet").set_index("rule_id")
    shirk = rules[["reviewed_before", "right_before", "lost_right"]].to_dict("index")[SHIRK]
    assert shirk == {"reviewed_before": 3, "right_before": 3, "lost_right": 1}


def test_the_packs_own_files_are_left_alone(place: Path, tmp_path: Path) -> None:
    before = {p: p.read_bytes() for p in (place / "new").iterdir()}
    _try(place, tmp_path)
    assert {p: p.read_bytes() for p in (place / "new").iterdir()} == before
