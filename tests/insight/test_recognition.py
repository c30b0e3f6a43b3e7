"""A recogniser against references: character errors by speaker and queue, phrases, and the worst call first."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Quarantine, Role, Transcript, Turn
from pipeline.insight.recognition import RecognitionResult, evaluate_recognition

A, C = Role.AGENT, Role.CUSTOMER
Lines = Sequence[tuple[Role, str]]


def turns(lines: Lines) -> tuple[Turn, ...]:
    return tuple(Turn(index, role, text) for index, (role, text) in enumerate(lines))


def pair(said: Lines, heard: Lines, *, call_id: str = "c", queue: str | None = None) -> tuple[Call, Transcript]:
    call = Call(call_id=call_id, channel=Channel.VOICE, source="s", content_hash="h", turns=turns(said), queue=queue)
    return call, Transcript(turns=turns(heard), engine="e")


def rates(result: RecognitionResult) -> dict[tuple[str | None, Role | None, str | None], float]:
    return {(row.call_id, row.role, row.queue): row.rate for row in result.characters}


def test_errors_are_counted_by_speaker_queue_call_and_over_all() -> None:
    said = [(A, "您好请讲"), (C, "我要退货")]
    result = evaluate_recognition(
        [
            pair(said, [(A, "您好请讲"), (C, "我要推货")], call_id="one", queue="售后"),
            pair(said, [(A, "您好"), (C, "我要退货")], call_id="two", queue="售前"),
        ],
        [],
    )
    assert rates(result) == {
        ("one", A, "售后"): 0,
        ("one", C, "售后"): 0.25,
        ("two", A, "售前"): 0.5,
        ("two", C, "售前"): 0,
        ("one", None, "售后"): 0.125,
        ("two", None, "售前"): 0.25,
        (None, A, None): 0.25,
        (None, C, None): 0.125,
        (None, None, "售前"): 0.25,
        (None, None, "售后"): 0.125,
        (None, None, None): 0.1875,
    }
    assert result.calls == ("two", "one")
    assert result.overall is not None
    assert result.overall.characters == 16


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("您好,请讲!", "您好请讲"),
        ("嗯我要二十四小时内到", "我要24小时内到"),
        ("訂單號", "订单号"),
    ],
)
def test_punctuation_fillers_and_the_form_of_numbers_are_no_errors(said: str, heard: str) -> None:
    result = evaluate_recognition([pair([(A, said), (C, "好")], [(A, heard), (C, "好")])], [])
    assert result.overall is not None
    assert result.overall.errors == 0


@pytest.mark.parametrize(
    "heard",
    [
        [(Role.OTHER, "您好请讲我要退货")],
        [(C, "您好请讲"), (A, "我要退货")],
    ],
)
def test_where_a_side_names_no_speakers_the_call_is_compared_as_a_whole(heard: Lines) -> None:
    call, transcript = pair([(A, "您好请讲"), (C, "我要退货")], heard)
    unknown = Transcript(turns=transcript.turns, engine="e", roles_known=False)
    result = evaluate_recognition([(call, unknown)], [])
    assert rates(result) == {("c", None, None): 0, (None, None, None): 0}


def test_what_was_quarantined_was_not_written() -> None:
    call, _ = pair([(A, "您好"), (C, "好")], [])
    heard = (Turn(0, A, "您好"), Turn(1, A, "谢谢观看", quarantine=Quarantine.STOCK), Turn(2, C, "好"))
    result = evaluate_recognition([(call, Transcript(turns=heard, engine="e"))], ["谢谢观看"])
    assert result.overall is not None
    assert result.overall.insertions == 0
    assert result.keywords == ()


@pytest.mark.parametrize(
    ("heard", "counts", "extra"),
    [
        ("这不是我的责任", (1, 0, 0, 0), 0),
        ("这不是我的则任", (0, 1, 0, 0), 0),
        ("这不是我的问题", (0, 0, 0, 1), 0),
        ("这不是我的责怪", (0, 0, 1, 0), 0),
        ("这不是我的责任不是我的责任", (1, 0, 0, 0), 1),
    ],
)
def test_a_phrase_is_counted_as_it_was_written(heard: str, counts: tuple[int, ...], extra: int) -> None:
    said = [(A, "这不是我的责任"), (C, "好")]
    (keyword,) = evaluate_recognition([pair(said, [(A, heard), (C, "好")])], ["不是我的责任"]).keywords
    assert (keyword.exact, keyword.sound, keyword.close, keyword.missed) == counts
    assert (keyword.said, keyword.extra) == (1, extra)
    assert keyword.recall == float(counts[0] + counts[1])


def test_a_phrase_that_was_only_written_is_an_extra_and_the_recall_is_unknown() -> None:
    result = evaluate_recognition([pair([(A, "您好"), (C, "好")], [(A, "您好不知道"), (C, "好")])], ["不知道"])
    assert [(k.phrase, k.said, k.extra) for k in result.keywords] == [("不知道", 0, 1)]
    assert result.keyword_recall is None


def test_numbers_of_people_are_masked_in_the_shown_text() -> None:
    result = evaluate_recognition(
        [pair([(A, "电话是13800138000"), (C, "好")], [(A, "电话是13800138008"), (C, "好")])], []
    )
    shown = "".join(piece.said + piece.heard for piece in result.pieces["c"])
    assert "13800138" not in shown
    assert "138" in shown


def test_nothing_to_compare_gives_an_empty_result() -> None:
    result = evaluate_recognition([], ["您好"])
    assert (result.overall, result.keyword_recall, result.calls) == (None, None, ())


@given(st.text("您好请讲我要退货1二", max_size=12), st.text("您好请讲我要退货1二", max_size=12))
def test_the_pieces_put_together_are_both_texts_and_their_differences_are_the_errors(said: str, heard: str) -> None:
    result = evaluate_recognition([pair([(A, said)], [(A, heard)])], [])
    pieces = result.pieces["c"]
    assert all(piece.right == (piece.said == piece.heard) for piece in pieces)
    assert result.overall is not None
    wrong = sum(max(len(piece.said), len(piece.heard)) for piece in pieces if not piece.right)
    assert wrong == result.overall.errors
