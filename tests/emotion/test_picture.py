"""The picture of a course: whole, inert and readable whatever the call."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.domain.course import CallCourse
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Turn
from pipeline.emotion.course_of_call import course_of_call
from pipeline.emotion.picture import WIDTH, course_svg
from tests.emotion.calls import A, C, Said, seen

CALM, ANGRY, UPSET = EmotionLabel.CALM, EmotionLabel.ANGRY, EmotionLabel.DISSATISFIED
SVG = "{http://www.w3.org/2000/svg}"
CALL: tuple[Said, ...] = (
    (A, "您好请问有什么可以帮您", CALM),
    (C, "你们太过分了我要投诉你们", ANGRY),
    (A, "非常抱歉给您添麻烦了", CALM),
    (C, "那你们打算怎么处理呢", UPSET),
    (A, "我马上帮您申请退款", CALM),
    (C, "好的那就麻烦你了谢谢", CALM),
)


def timed(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    return tuple(replace(t, start_ms=t.index * 5_000, end_ms=t.index * 5_000 + 4_000) for t in turns)


def drawn(
    said: tuple[Said, ...], *, title: str = "通话 C1", times: bool = False, loud: list[float | None] | None = None
) -> ET.Element:
    call = seen(*said)
    turns = timed(call.transcript.turns) if times else call.transcript.turns
    return ET.fromstring(course_svg(course_of_call(call), turns, title=title, loudness_db=loud))


def words(picture: ET.Element) -> str:
    return "\n".join(element.text or "" for element in picture.iter(f"{SVG}text"))


def test_it_tells_peak_end_empathy_and_the_axis_in_words() -> None:
    said = words(drawn(CALL, times=True, loud=[0.0, 8.0, None, 3.0, -2.0, -20.0]))
    for expected in (
        "客户最差:愤怒",
        "客户结束:",
        "客服结束:平静",
        "先安抚后方案:做到",
        "时间(分:秒)",
        "00:10",
        "+6 dB",
    ):
        assert expected in said


def test_screen_readers_get_a_title_and_the_whole_in_words() -> None:
    picture = drawn(CALL)
    ids = (picture.get("aria-labelledby") or "").split()
    assert picture.get("role") == "img"
    assert [e.get("id") for e in picture if e.tag in (f"{SVG}title", f"{SVG}desc")] == ids
    described = picture.find(f"{SVG}desc")
    assert described is not None
    assert "先安抚后方案:做到" in (described.text or "")


def test_without_times_the_axis_counts_turns_and_no_loudness_is_drawn() -> None:
    said = words(drawn(CALL))
    assert "第几句(没有时间信息)" in said
    assert "dB" not in said


@pytest.mark.parametrize(
    "title",
    ["<script>alert(1)</script>&\"'", "]]>", "\x00\x1b\ud800坏", "\u202e倒着写", "长" * 500, "=cmd|' /C calc'!A0"],
)
def test_whoever_named_the_call_the_file_is_whole_and_inert(title: str) -> None:
    picture = drawn(CALL, title=title)
    tags = {element.tag.removeprefix(SVG) for element in picture.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "text", "line", "path", "circle", "polygon"}
    for element in picture.iter():
        assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
        assert "url(" not in "".join(element.attrib.values())
    assert "\u202e" not in words(picture)


def test_a_call_of_one_turn_has_a_picture() -> None:
    assert "客户最差:愤怒" in words(drawn(((C, "你们太过分了我要投诉你们", ANGRY),)))


def test_a_call_of_which_nothing_was_judged_says_so() -> None:
    assert "没有可以判断的情绪" in words(drawn(((C, "喂", None),)))
    nothing = course_of_call(seen((C, "", None)))
    assert "没有可以判断的情绪" in course_svg(nothing, (), title="空")


def test_two_thousand_turns_stay_within_the_picture_and_a_reasonable_size() -> None:
    said = tuple(((C, A)[n % 2], f"第{n}句你们到底管不管", (ANGRY, CALM, UPSET)[n % 3]) for n in range(2_000))
    call = seen(*said)
    text = course_svg(
        course_of_call(call),
        timed(call.transcript.turns),
        title="长",
        loudness_db=[(-1.0) ** n * 30 for n in range(2_000)],
    )
    assert len(text) < 400_000
    picture = ET.fromstring(text)
    height = float(picture.get("height") or 0)
    for element in picture.iter(f"{SVG}rect"):
        x, y, w, h = (float(element.get(name, 0)) for name in ("x", "y", "width", "height"))
        assert x >= -0.1
        assert x + w <= WIDTH + 0.1
        assert y >= 0
        assert y + h <= height + 0.1


def test_each_change_is_marked_and_told() -> None:
    calm: Said = (C, "我昨天买的东西想问一下进度", CALM)
    angry: Said = (C, "你们到底管不管我要投诉你们", ANGRY)
    said = words(drawn((*[calm] * 8, *[angry] * 8)))
    assert "第 9 句起转差(0.00 → −0.90)" in said


def test_the_words_of_both_sides_do_not_lie_on_each_other() -> None:
    picture = drawn((*CALL, (A, "感谢您的来电祝您生活愉快", CALM)))
    marks = [e for e in picture.iter(f"{SVG}text") if e.get("paint-order") == "stroke"]
    places = [(float(e.get("x") or 0), float(e.get("y") or 0)) for e in marks]
    assert len(places) == 3
    assert all(abs(a[0] - b[0]) > 150 or abs(a[1] - b[1]) >= 14 for n, a in enumerate(places) for b in places[n + 1 :])


def test_loudness_must_be_given_for_each_turn() -> None:
    call = seen(*CALL)
    with pytest.raises(ValueError, match="one loudness"):
        course_svg(course_of_call(call), call.transcript.turns, title="", loudness_db=[1.0])


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.sampled_from([A, C]), st.sampled_from([None, *EmotionLabel])), max_size=12),
)
@settings(max_examples=50, deadline=None)
def test_any_call_gives_well_formed_svg_and_always_the_same(title: str, sides: list[tuple[object, object]]) -> None:
    said = tuple((role, "你们到底管不管这件事", label) for role, label in sides) or ((C, "喂", None),)
    call = seen(*said)  # type: ignore[arg-type]  # drawn from the enumerations
    course: CallCourse = course_of_call(call)
    first = course_svg(course, call.transcript.turns, title=title)
    ET.fromstring(first)
    assert first == course_svg(course, call.transcript.turns, title=title)
