"""Transcripts that are broken, or meant to break: each is told, and the others go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.domain.errors import ProblemCode
from pipeline.intake import read
from tests.intake import recognisers_cn, recognisers_whisper, recognisers_world
from tests.intake.build import document, manifest, plain, problem, recording, spots, timed, turns_of
from tests.intake.recognisers_cn import ALIBABA

SHAPES = {**recognisers_cn.SHAPES, **recognisers_world.SHAPES, **recognisers_whisper.SHAPES}
BAD, VALUE, NONE = ProblemCode.BAD_FORMAT, ProblemCode.BAD_VALUE, ProblemCode.NO_CALLS


def failed(path: Path) -> list[tuple[ProblemCode, int | None, str | None]]:
    """The failures of the file, read together with a sound one, which must become a call."""
    good = document(path.parent / "good.json", ALIBABA)
    intake = read([path, good])
    assert [call.source for call in intake.calls] == ["good.json"]
    assert all(found.file == path.name and found.remedy for found in intake.failures)
    return spots(intake)


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        ("{", BAD, 1),
        ('{"segments": [{"text": "好"}', BAD, 1),
        ('{\n"segments": x\n}', BAD, 2),
        ('{"a": 1}\n{"b": 2}\n', BAD, 2),
        ('{"a": NaN}', BAD, None),
        ('{"a": -Infinity}', BAD, None),
        ('{"a": ' + "9" * 5000 + "}", BAD, None),
        ('{"a": 1, "a": 2}', BAD, None),
        ('{"segments": [{"text": "好", "text": "坏"}]}', BAD, None),
        ("[" * 100_000, BAD, None),
        ('{"a":' * 100_000, BAD, None),
        ("[" * 400 + "]" * 400, BAD, None),
        ("[" + "[]," * 2_000_001, BAD, None),
        (json.dumps({"orderResult": "{"}), BAD, None),
        (json.dumps({"orderResult": "[" * 100_000}), BAD, None),
        (json.dumps({"lattice": [{"json_1best": "[" * 100_000}]}), BAD, None),
        ("null", BAD, None),
        ("12", BAD, None),
        ('"客服: 您好"', BAD, None),
        ("[]", BAD, None),
        ("{}", BAD, None),
        ('{"turns": []}', BAD, None),
        ('{"segments": "好"}', BAD, None),
        ('{"segments": []}', NONE, None),
        ('{"Result": {"Sentences": []}}', NONE, None),
        ('{"Data": {"ResultDetail": []}}', NONE, None),
        ('{"recognizedPhrases": []}', NONE, None),
        ('{"Transcript": []}', NONE, None),
        ('{"results": []}', NONE, None),
        ('{"results": {"items": []}}', NONE, None),
        ('{"lattice": []}', NONE, None),
        ('{"segments": [{"text": " \\u0000\\n"}]}', NONE, None),
        ("{\0}", ProblemCode.BAD_ENCODING, None),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_json_that_is_no_transcript_is_told(tmp_path: Path, text: str, code: ProblemCode, row: int | None) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text, encoding="utf-8")
    ((found, line, _),) = failed(path)
    assert (found, line) == (code, row)


TIMES: list[tuple[Any, Any]] = [
    (-1, 2),
    (2, 1),
    ("x", 2),
    (0, "1:00"),
    (True, 2),
    ([0], 2),
    ({"s": 0}, 2),
    (0, 1e300),
    (0, 1e999),
    ("nan", 2),
    ("-inf", 2),
    (0, 40_000_000),
]


@pytest.mark.parametrize(("start", "end"), TIMES)
def test_a_bad_time_fails_the_call_and_names_the_sentence(tmp_path: Path, start: Any, end: Any) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"segments": [{"text": "好"}, {"text": "好", "start": start, "end": end}]}))
    if end == 1e999:
        path.write_text(path.read_text().replace("Infinity", "1e999"))
    assert failed(path) == [(VALUE, None, "segments[1]")]


@pytest.mark.parametrize(("start", "end"), TIMES)
def test_a_bad_time_of_a_word_fails_the_call_too(tmp_path: Path, start: Any, end: Any) -> None:
    path = tmp_path / "bad.json"
    word = {"word": "好", "start": start, "end": end}
    path.write_text(json.dumps({"segments": [{"text": "好", "words": [word]}]}).replace("Infinity", "1e999"))
    assert failed(path) == [(VALUE, None, "segments[0]")]


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ({"segments": [{"text": "好"}, 3]}, "segments[1]"),
        ({"segments": [{"text": "好", "words": ["好"]}]}, "segments[0].words[0]"),
        ({"Result": {"Sentences": [{"BeginTime": 1, "Text": "好"}, None]}}, "Result.Sentences[1]"),
        ({"results": [{"alternatives": [[]]}]}, "results[0].alternatives[0]"),
    ],
)
def test_what_should_be_an_object_and_is_not_is_told_with_its_key(tmp_path: Path, content: object, key: str) -> None:
    assert failed(document(tmp_path / "bad.json", content)) == [(BAD, None, key)]


def test_all_bad_sentences_of_a_file_are_told(tmp_path: Path) -> None:
    said = [{"text": "好", "start": start, "end": 1} for start in (0, 2, 0, -3)]
    found = failed(document(tmp_path / "bad.json", {"segments": said}))
    assert found == [(VALUE, None, "segments[1]"), (VALUE, None, "segments[3]")]


@pytest.mark.parametrize("name", ["a.json", "a.srt", "a.txt"])
def test_a_gigantic_file_is_refused_unread(tmp_path: Path, name: str) -> None:
    path = recording(tmp_path / name, "客服: 您好\n".encode())
    with path.open("r+b") as file:
        file.truncate(64 * 2**20 + 1)  # sparse: it takes no room
    assert failed(path) == [(BAD, None, None)]


WORD = {"word": "好", "start": 0, "end": 1}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.srt", "00:00:01,000 --> 00:00:02,000\n" + "<b" * 300_000),
        ("a.srt", "00:00:01,000 --> 00:00:02,000\n" + "<v " * 300_000),
        ("a.srt", "00:00:01,000 --> 00:00:02,000\n" + "{\\" * 300_000),
        ("a.srt", "00:00:01,000 --> 00:00:02,000\n" + "a\n\n" * 30_000),
        ("a.txt", "客服: 好\n" + " " * 300_000 + "\n" + "甲" * 300_000 + "\n" + "1:" * 300_000),
        ("a.txt", "客服: 好\n" + "[" * 300_000 + "\n" + "a " * 300_000),
        ("a.json", json.dumps({"segments": [{"text": "的" * 50_000, "words": [WORD] * 50_000}]})),
    ],
    ids=range(7),
)  # fmt: skip
def test_text_made_to_be_slow_is_read_all_the_same(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert len(turns_of(read([path]))) >= 1


SPEECH = st.text(st.sampled_from("您好abİ ,。0A\n\0"), max_size=12)
SECONDS = st.floats(0, 1e4, allow_nan=False)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(SPEECH, st.lists(st.tuples(SPEECH, SECONDS, st.floats(0, 50)), max_size=6)), min_size=1, max_size=5
    )
)
def test_the_spans_of_words_are_the_words_in_order(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, list[tuple[str, float, float]]]]
) -> None:
    segments = [
        {
            "text": text,
            "words": [{"word": word, "start": start, "end": start + length} for word, start, length in words],
        }
        for text, words in said
    ]
    path = document(tmp_path_factory.mktemp("w") / "call.json", {"segments": [{"text": "好"}, *segments]})
    for turn in turns_of(read([path])):
        assert len(timed(turn)) == len(turn.words)  # and each span reads as its word
        ends = [0, *(word.char_end for word in turn.words)]
        starts = [*(word.char_start for word in turn.words), len(turn.text)]
        assert all(end <= start for end, start in zip(ends, starts, strict=True))
        assert all(word.char_start < word.char_end and word.start_ms <= word.end_ms for word in turn.words)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(st.text(st.sampled_from("您好客户aB,。"), min_size=1, max_size=4), SECONDS), min_size=1, max_size=8
    )
)
def test_every_word_is_found_in_a_text_made_of_the_words(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, float]]
) -> None:
    words = [{"word": word, "start": start, "end": start} for word, start in said]
    path = document(
        tmp_path_factory.mktemp("w") / "call.json",
        {"segments": [{"text": "".join(w for w, _ in said), "words": words}]},
    )
    (turn,) = turns_of(read([path]))
    assert [(text, start) for text, start, _ in timed(turn)] == [(word, round(ms * 1000)) for word, ms in said]


JUNK: list[Any] = [None, True, -1, 1e300, "", "x", "\0", [], {}, [[]], [{}], [None], {"a": []}]


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything within a JSON value."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from places(each, (*path, key))


def put(value: Any, path: tuple[Any, ...], junk: object) -> object:
    if not path:
        return junk
    copied = value.copy()
    copied[path[0]] = put(value[path[0]], path[1:], junk)
    return copied


@pytest.mark.parametrize("shape", SHAPES)
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_transcript_with_junk_in_any_place_becomes_a_call_or_a_failure(
    tmp_path: Path, shape: str, data: st.DataObject
) -> None:
    content = SHAPES[shape][0]
    path = data.draw(st.sampled_from(list(places(content))))
    junk = data.draw(st.sampled_from(JUNK))
    bad = document(tmp_path / "call.json", put(content, path, junk))
    intake = read([bad, document(tmp_path / "good.json", {"segments": [{"text": "另一通"}]})])
    assert len(intake.calls) + len({found.file for found in intake.failures}) == 2


def test_a_broken_transcript_in_a_manifest_fails_its_row_with_the_place_in_the_file(tmp_path: Path) -> None:
    document(tmp_path / "a.json", {"segments": [{"text": "好", "start": 2, "end": 1}]})
    found = problem(read([manifest(tmp_path, "通话编号,转写文件\nA,a.json\n")]))
    assert (found.code, found.file, found.row, found.column, found.call_id) == (
        VALUE,
        "manifest.csv",
        2,
        "转写文件",
        "A",
    )
    assert "a.json" in found.what
    assert "segments[0]" in found.what


def test_a_text_keeps_its_order_and_loses_control_characters(tmp_path: Path) -> None:
    path = document(tmp_path / "a.json", {"segments": [{"text": " 您\0好\x07 ", "start": 1, "end": 2}]})
    assert plain(turns_of(read([path]))) == [("other", "您好", 1000, 2000)]
