import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.likeness import SAME_CHARACTER, SAME_TONED_SYLLABLE, distance, likeness, parts
from pipeline.text.pinyin import in_context, sounds, syllable

SYLLABLES = st.sampled_from(sounds().syllables[1:])


@pytest.mark.parametrize(
    ("a", "b", "alike"),
    [("zhi", "zi", 1), ("xin", "xing", 1), ("ni", "li", 1), ("fu", "hu", 1), ("yan", "yang", 1), ("zhong", "zong", 1),
     ("bo", "po", 2), ("qing", "jing", 2), ("wo", "ni", 8), ("wo", "wo", 0)],
)  # fmt: skip
def test_how_far_apart_two_syllables_are(a: str, b: str, alike: int) -> None:
    assert distance(a, b) == distance(b, a) == alike


@pytest.mark.parametrize(
    ("written", "sounded"),
    [("you", ("", "i", "ou")), ("liu", ("l", "i", "ou")), ("wen", ("", "u", "en")), ("dun", ("d", "u", "en")),
     ("ju", ("j", "v", "")), ("yu", ("", "v", "")), ("zhi", ("zh", "", "")), ("ying", ("", "i", "eng"))],
)  # fmt: skip
def test_a_syllable_is_parted_as_it_sounds_not_as_it_is_spelt(written: str, sounded: tuple[str, str, str]) -> None:
    assert parts(written) == sounded


@given(SYLLABLES, SYLLABLES)
def test_only_equal_syllables_are_not_apart(a: str, b: str) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (parts(a) == parts(b))


def test_the_same_character_weighs_most_then_the_tone_then_the_syllable() -> None:
    table = likeness()

    def weight(a: str, b: str) -> float:
        return float(table.weight[table.toned[ord(a)], table.toned[ord(b)]])

    same, other_tone, near, far = weight("贵", "柜"), weight("贵", "归"), weight("贵", "亏"), weight("贵", "我")
    assert pytest.approx(SAME_TONED_SYLLABLE) == same
    assert SAME_CHARACTER > same > other_tone > near > far


def test_the_same_characters_are_read_by_their_context() -> None:
    assert [s for s, _ in in_context("去银行")] == ["qu", "yin", "hang"]
    assert [s for s, _ in in_context("24小时行李ab")] == [*"24", "xiao", "shi", "xing", "li", *"ab"]


@given(st.characters(codec="utf-8"))
def test_every_character_has_a_sound(char: str) -> None:
    assert syllable(char)
