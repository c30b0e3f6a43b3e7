"""Terms to expect: which are taken, and that they reach the model whole."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.transcribe import EngineOptions, load_engine
from pipeline.transcribe.recogniser.hotwords import as_hint, fitting
from pipeline.transcribe.recogniser.windows import Window

MANY = tuple(f"产品{n}号套餐" for n in range(100))


@pytest.fixture
def model(copy: Path) -> str:
    """A model that takes hot words."""
    (copy / "zhijian.json").write_text('{"window_s": 0, "pad_s": 10}')
    return str(copy)


@pytest.mark.parametrize(
    ("terms", "room", "kept"),
    [
        (["工号", "宽带"], 100, ("工号", "宽带")),
        (["工号", "宽带"], 6, ("工号", "宽带")),  # a space, two terms, a separator
        (["工号", "宽带"], 5, ("工号",)),
        (["光猫重启指引", "宽带"], 5, ("宽带",)),
        (["宽带", "", "宽带"], 100, ("宽带",)),
        (["<|endoftext|>", "宽带"], 100, ("宽带",)),
        (["宽带"], 0, ()),
        ([], 100, ()),
    ],
)
def test_terms_are_taken_whole_while_there_is_room(terms: list[str], room: int, kept: tuple[str, ...]) -> None:
    assert fitting(terms, len, room=room) == kept


@given(st.lists(st.text("工号宽带套餐", max_size=6)), st.integers(0, 40))
def test_a_hint_fits_and_every_term_that_was_left_out_would_not_have(terms: list[str], room: int) -> None:
    kept = fitting(terms, len, room=room)
    assert not kept or len(" " + as_hint(kept)) <= room
    before: list[str] = []
    for term in dict.fromkeys(filter(None, terms)):
        if term in kept:
            before.append(term)
        else:
            assert len(" " + as_hint([*before, term])) > room
    assert tuple(before) == kept


def test_terms_reach_the_model_whole_and_leave_it_half_of_its_room(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = load_engine(EngineOptions(model=model, prompt="您好", glossary=("光猫",), hotwords=MANY))
    prompts: list[list[int]] = []
    original = type(engine.model).get_prompt

    def recorded(self: Any, *args: Any, **options: Any) -> list[int]:
        prompt: list[int] = original(self, *args, **options)
        prompts.append(prompt)
        return prompt

    monkeypatch.setattr(type(engine.model), "get_prompt", recorded)
    engine.recognise([Window(np.zeros(16_000, np.float32), 0, ())])
    assert engine.hotwords[:2] == ("光猫", MANY[0])
    assert 2 < len(engine.hotwords) < len(MANY)
    (prompt,) = prompts
    hint = engine.model.hf_tokenizer.encode(" " + as_hint(engine.hotwords), add_special_tokens=False).ids
    assert prompt[1 : 1 + len(hint)] == hint
    assert 200 < len(prompt) < 448 // 2 + 6  # its own marks come on top


def test_terms_are_part_of_the_fingerprint_as_far_as_they_fit(model: str) -> None:
    def fingerprint(*terms: str) -> str:
        return load_engine(EngineOptions(model=model, hotwords=terms)).fingerprint

    assert fingerprint("工号") != fingerprint("宽带") != fingerprint()
    assert fingerprint(*MANY) == fingerprint(*MANY, "到不了的词")


def test_the_users_own_terms_that_do_not_fit_are_named(model: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    engine = load_engine(EngineOptions(model=model, glossary=("光猫", "字" * 300), hotwords=MANY))
    (record,) = caplog.records
    assert "1 个词" in record.getMessage()
    assert "字字字" in record.getMessage()
    assert "光猫" in engine.hotwords


def test_other_terms_that_do_not_fit_are_only_counted(model: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="pipeline.transcribe.recogniser.whisper")
    engine = load_engine(EngineOptions(model=model, hotwords=MANY))
    (record,) = (r for r in caplog.records if r.name == "pipeline.transcribe.recogniser.whisper")
    assert record.levelno == logging.INFO
    assert f"另有 {len(MANY) - len(engine.hotwords)} 个" in record.getMessage()


def test_a_model_that_did_not_learn_them_gets_none_and_the_user_is_told(caplog: pytest.LogCaptureFixture) -> None:
    plain = load_engine(EngineOptions())
    assert load_engine(EngineOptions(hotwords=MANY)).fingerprint == plain.fingerprint
    assert not caplog.records
    led = load_engine(EngineOptions(glossary=("光猫",)))
    assert (led.hotwords, led.fingerprint) == ((), plain.fingerprint)
    assert "词表没有采用" in caplog.text
