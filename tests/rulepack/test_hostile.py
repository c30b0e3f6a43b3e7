"""Packs that somebody wrote to hang or fill the machine: each is refused with a reason, or judges within bounds.

Each runs in a process of its own with a gigabyte of memory and half a minute, which a bounded one never needs.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.rulepack.conftest import PACK, RULE

LIMIT_S = 30
LIMIT_BYTES = 1 << 30

JUDGE = """
import sys
from pathlib import Path
from pipeline.domain.call import Call, Channel
from pipeline.domain.errors import RuleError
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.rulepack.judge import judge
from pipeline.rulepack.load import load_rules
from pipeline.rulepack.view import view_call
from pipeline.signals import measure

try:
    rules = load_rules([Path(sys.argv[1])])
except RuleError as error:
    print("refused", error)
    sys.exit()
said = ["a" * 3000 + "b", "的" * 3000, "退款退款退款" * 300, "好"]
turns = tuple(Turn(i, Role.AGENT, text) for i, text in enumerate(said * 5))
call = Call(call_id="c", channel=Channel.CHAT, source="s", content_hash="h", turns=turns)
transcript = Transcript(turns=turns, engine="given")
view = view_call(call, transcript, measure(transcript, channel=Channel.CHAT), [None] * len(turns), rules.index)
print("judged", [str(v.value) for v in judge(rules, view)])
"""


def rule_text(**changes: object) -> str:
    return yaml.safe_dump([RULE | {"forbid": "words"} | changes], allow_unicode=True)


def regex(*patterns: str) -> str:
    return rule_text(checks={"words": {"regex": list(patterns), "role": "agent"}})


def phrases(*written: str) -> str:
    return rule_text(checks={"words": {"phrase": list(written), "role": "agent"}})


def expression(forbid: str) -> str:
    return rule_text(forbid=forbid, checks={"words": {"phrase": ["退款"]}})


CIRCLE = {
    "a": {"phrase": ["退款"], "after": {"check": "b"}},
    "b": {"phrase": ["好的"], "after": {"check": "a"}},
}
JUDGED: dict[str, Callable[[], str]] = {
    "nested repetition": lambda: regex("(a+)+$", "(a|a)*c", "(a|aa)+$", "(.*a){12}$", "^(([a-z])+.)+[A-Z]([a-z])+$"),
    "repetition over long text": lambda: regex(".{0,900}款.{0,900}退", "(的.{0,200}){3}x", "的.*的.*的.*的.*x"),
    "many alternatives": lambda: regex("|".join(f"词{i:03}.{{0,9}}句" for i in range(150))),
    "phrases that are each other's beginnings": lambda: phrases(*("的" * n for n in range(2, 200))),
    "many phrases": lambda: phrases(*(f"第{i}句话不能说" for i in range(20_000))),
    "a long logic expression": lambda: expression(" or ".join(["words"] * 240)),
    "all hits count for an order": lambda: rule_text(
        forbid="words then words then words", checks={"words": {"phrase": ["退款", "款退"], "role": "agent"}}
    ),
}
REFUSED: dict[str, tuple[Callable[[], str], str]] = {
    "repetition of repetition": (lambda: regex("((a{500}){500}){500}"), "正则"),
    "a regular expression of 100,000 characters": (lambda: regex("退" * 100_000), "2000"),
    "look-around": (lambda: regex("(?=a)b", "(?<!a)b"), "前后断言"),
    "back-reference": (lambda: regex(r"(a+)\1"), "回溯引用"),
    "a pattern that matches nothing everywhere": (lambda: regex("a*"), "空文本"),
    "a phrase of a megabyte": (lambda: phrases("退" * 300_000), "超过 200 字"),
    "a file of 3 MB": (lambda: phrases(*("退款" * 40 for _ in range(13_000))), "超过 2 MB"),
    "deep nesting": (lambda: "[" * 5_000 + "]" * 5_000, "嵌套"),
    "deep parentheses": (lambda: expression("(" * 400 + "words" + ")" * 400), "太长"),
    "an expression of 100,000 words": (lambda: expression("not " * 100_000 + "words"), "太长"),
    "a bomb of aliases": (lambda: "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*a, *a]\n" for c in "bcdefgh"), "锚点"),
    "a merge key": (lambda: "- &x {id: t.a.rule}\n- <<: *x\n", "锚点"),
    "duplicate keys": (lambda: expression("words") + "  title: 又一个\n", "重复"),
    "a tag that makes objects": (lambda: "- !!python/object/apply:os.system ['true']\n", "标签"),
    "binary": (lambda: "- !!binary aGFsbG8=\n", "标签"),
    "circles of anchors": (lambda: rule_text(forbid="a and b", checks=CIRCLE), "圈"),
}


def run(folder: Path, text: str) -> str:
    """What becomes of a pack with this topic file."""
    (folder / "pack.yml").write_text(yaml.safe_dump(PACK, allow_unicode=True), encoding="utf-8")
    (folder / "a.yml").write_text(text, encoding="utf-8")

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (LIMIT_BYTES, LIMIT_BYTES))

    done = subprocess.run(
        [sys.executable, "-c", JUDGE, str(folder)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        preexec_fn=bounded,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name", sorted(JUDGED))
def test_a_costly_pack_judges_within_bounds(tmp_path: Path, name: str) -> None:
    assert run(tmp_path, JUDGED[name]()).startswith("judged")


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_hostile_pack_is_refused_with_a_reason_and_a_line(tmp_path: Path, name: str) -> None:
    make, reason = REFUSED[name]
    said = run(tmp_path, make())
    assert said.startswith("refused")
    assert reason in said
    assert len(said) < 5_000
