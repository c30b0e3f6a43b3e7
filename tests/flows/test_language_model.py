"""The language model that the environment names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.language_model import language_model, settings_from
from pipeline.domain.errors import InputError
from pipeline.rulepack.load import RuleSet, load_rules
from tests.rulepack.conftest import PACK, RULE

URL = {"ZHIJIAN_LLM_URL": "http://localhost:8000/v1"}
SET = URL | {"ZHIJIAN_LLM_MODEL": "qwen"}


@pytest.fixture
def rules(tmp_path: Path) -> RuleSet:
    return _rules(tmp_path / "t", {"llm": {"prompt": "客服推诿了"}})


def _rules(folder: Path, check: dict[str, Any]) -> RuleSet:
    import yaml

    folder.mkdir()
    (folder / "pack.yml").write_text(yaml.safe_dump(PACK, allow_unicode=True), encoding="utf-8")
    written = yaml.safe_dump([RULE | {"checks": {"a": check}, "forbid": "a"}], allow_unicode=True)
    (folder / "a.yml").write_text(written, encoding="utf-8")
    return load_rules([folder])


@pytest.mark.parametrize("environ", [{}, {"ZHIJIAN_LLM_MODEL": "qwen"}, {"ZHIJIAN_LLM_URL": " "}])
def test_without_an_address_it_is_off(environ: dict[str, str], rules: RuleSet, tmp_path: Path) -> None:
    assert language_model(rules, tmp_path, environ) is None


def test_it_is_off_where_no_rule_asks_however_the_environment_is_set(tmp_path: Path) -> None:
    plain = _rules(tmp_path / "t", {"phrase": ["不归我管"]})
    assert language_model(plain, tmp_path, SET) is None
    assert language_model(plain, tmp_path, {"ZHIJIAN_LLM_URL": "nonsense"}) is None


def test_an_address_and_a_model_switch_it_on(rules: RuleSet, tmp_path: Path) -> None:
    client = language_model(rules, tmp_path, SET)
    assert client is not None
    assert client.name == "qwen"


def test_every_setting_is_read_and_the_key_is_not_shown() -> None:
    settings = settings_from(
        SET
        | {
            "ZHIJIAN_LLM_KEY": " secret\n",
            "ZHIJIAN_LLM_TIMEOUT_S": "9",
            "ZHIJIAN_LLM_MAX_TOKENS": "99",
            "ZHIJIAN_LLM_MAX_CHARACTERS": "999",
        }
    )
    assert settings is not None
    assert (settings.key, settings.timeout_s, settings.max_tokens, settings.max_characters) == ("secret", 9, 99, 999)
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000/v1",
        "file:///etc/passwd",
        "http://",
        "http://user:secret@host/v1",
        "http://host:99999/v1",
        "http://host:0x/v1",
        "http://host/v1?key=secret",
        "http://ho st/v1",
        "http://主机/v1",
        "http://[::1/v1",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="ZHIJIAN_LLM_URL") as caught:
        settings_from({"ZHIJIAN_LLM_URL": url, "ZHIJIAN_LLM_MODEL": "qwen"})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (URL, "ZHIJIAN_LLM_MODEL"),
        (SET | {"ZHIJIAN_LLM_KEY": "密钥"}, "ZHIJIAN_LLM_KEY"),
        (SET | {"ZHIJIAN_LLM_KEY": "a b"}, "ZHIJIAN_LLM_KEY"),
        (SET | {"ZHIJIAN_LLM_TIMEOUT_S": "0"}, "ZHIJIAN_LLM_TIMEOUT_S"),
        (SET | {"ZHIJIAN_LLM_MAX_TOKENS": "many"}, "ZHIJIAN_LLM_MAX_TOKENS"),
        (SET | {"ZHIJIAN_LLM_MAX_CHARACTERS": "9" * 5000}, "ZHIJIAN_LLM_MAX_CHARACTERS"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(environ: dict[str, str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        settings_from(environ)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as caught:
        settings_from({"ZHIJIAN_LLM_URL": "x", "ZHIJIAN_LLM_TIMEOUT_S": "x"})
    assert len(caught.value.problems) == 3
