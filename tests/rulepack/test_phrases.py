import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.alignment import CLOSE_MIN_SYLLABLES
from pipeline.rulepack.joined import JoinedText, join
from pipeline.rulepack.phrases import PhraseHit, PhraseIndex
from pipeline.text import normalise, syllables

LETTERS = st.sampled_from("不部步归贵管关我握这个者儿点啊")
PHRASES = st.lists(st.text(LETTERS, min_size=1, max_size=6), min_size=1, max_size=6)
TURNS = st.lists(st.text(LETTERS, max_size=14), min_size=1, max_size=4)


def joined(*turns: str) -> JoinedText:
    return join(normalise(t) for t in turns)


def found(phrase: str, *turns: str) -> list[tuple[str, MatchKind]]:
    """What stands where the phrase was found, and how."""
    hits = PhraseIndex([phrase]).find(joined(*turns)).of(phrase)
    return [(normalise(turns[h.turn]).text[h.start : h.end], h.kind) for h in hits]


def sole(phrase: str, *turns: str) -> PhraseHit:
    (hit,) = PhraseIndex([phrase]).find(joined(*turns)).of(phrase)
    return hit


def naive(phrases: list[str], turns: list[str]) -> set[tuple[str, int, int, MatchKind]]:
    """Compares every phrase with every place, one by one."""
    found = set()
    for phrase in set(phrases):
        for i, turn in enumerate(turns):
            for start in range(len(turn) - len(phrase) + 1):
                said = turn[start : start + len(phrase)]
                if said == phrase:
                    found.add((phrase, i, start, MatchKind.EXACT))
                elif syllables(phrase) == syllables(said):
                    found.add((phrase, i, start, MatchKind.SOUND))
    return found


@given(PHRASES, TURNS)
def test_whatever_is_the_same_or_sounds_the_same_is_found(phrases: list[str], turns: list[str]) -> None:
    index = PhraseIndex(phrases)
    hits = index.find(joined(*turns))
    found = {(h.phrase, h.turn, h.start, h.kind) for p in phrases for h in hits.of(p) if h.end - h.start == len(p)}
    assert naive(phrases, turns) <= found
    sure = {f for f in found if f[3] is not MatchKind.CLOSE}
    # Fillers that were passed over may leave as many characters as a phrase without its 儿 has.
    assert all(f in naive(phrases, turns) for f in sure if not {"啊", "儿"} & set(f[0] + turns[f[1]]))


@given(PHRASES, TURNS)
def test_every_hit_lies_within_its_turn_and_says_how_sure_it_is(phrases: list[str], turns: list[str]) -> None:
    hits = PhraseIndex(phrases).find(joined(*turns))
    for phrase, of_phrase in hits.by_phrase.items():
        assert of_phrase
        assert phrase in phrases
        assert list(of_phrase) == sorted(of_phrase, key=lambda h: (h.turn, h.start, h.end))
        assert len({(h.turn, h.start, h.end) for h in of_phrase}) == len(of_phrase)
        for hit in of_phrase:
            assert 0 <= hit.start < hit.end <= len(turns[hit.turn])
            assert 0 < hit.likelihood <= 1


@given(st.text(LETTERS, min_size=2, max_size=6), st.text(LETTERS, min_size=2, max_size=6))
def test_whether_two_texts_sound_the_same_does_not_depend_on_which_is_the_phrase(a: str, b: str) -> None:
    def alike(phrase: str, said: str) -> bool:
        return any(text == said and kind is not MatchKind.CLOSE for text, kind in found(phrase, said))

    if not {"儿", "啊"} & set(a + b):
        assert alike(a, b) == alike(b, a) == (syllables(a) == syllables(b))


@given(PHRASES, PHRASES, TURNS)
def test_what_is_found_of_a_phrase_does_not_depend_on_the_other_phrases(
    phrases: list[str], others: list[str], turns: list[str]
) -> None:
    alone, together = PhraseIndex(phrases).find(joined(*turns)), PhraseIndex(phrases + others).find(joined(*turns))
    assert all(alone.of(p) == together.of(p) for p in phrases)


@given(st.integers(CLOSE_MIN_SYLLABLES + 1, 9), st.randoms(use_true_random=False))
def test_one_wrong_syllable_hides_a_longer_phrase_nowhere(n: int, rng: random.Random) -> None:
    phrase = "".join(rng.sample("感谢您的来电请稍等我帮查询一下订单", n))
    at = rng.randrange(n)
    said = phrase[:at] + "酷" + phrase[at + 1 :]
    assert (said, MatchKind.CLOSE) in found(phrase, f"好{said}吧")


@given(st.lists(st.text(max_size=8), max_size=5), st.lists(st.text(max_size=20), max_size=4))
def test_whatever_script_it_is_in_what_is_the_same_is_found(phrases: list[str], turns: list[str]) -> None:
    turns = [*turns, *phrases]
    hits = PhraseIndex(phrases).find(joined(*turns))
    for phrase in phrases:
        normal = normalise(phrase).text
        places = {(h.turn, h.start) for h in hits.of(phrase) if h.kind is MatchKind.EXACT}
        for i, turn in enumerate(turns):
            if normal and (at := normalise(turn).text.find(normal)) >= 0:
                assert (i, at) in places


@pytest.mark.parametrize("n", [40, 41, 200])
def test_a_long_phrase_is_found_with_a_wrong_syllable(n: int) -> None:
    phrase = ("感谢您的来电请稍等我帮查询一下订单" * 12)[:n]
    assert found(phrase, phrase[:7] + "酷" + phrase[8:]) == [(phrase[:7] + "酷" + phrase[8:], MatchKind.CLOSE)]


def test_a_phrase_never_reaches_over_two_turns() -> None:
    hits = PhraseIndex(["不归我管"]).find(joined("这个不归", "我管不了"))
    assert hits.of("不归我管") == ()


def test_a_homophone_is_found_by_sound() -> None:
    (hit,) = PhraseIndex(["不归我管"]).find(joined("这个不贵我管")).of("不归我管")
    assert (hit.kind, hit.start, hit.end) == (MatchKind.SOUND, 2, 6)


@pytest.mark.parametrize(
    ("phrase", "said", "heard", "kind"),
    [
        ("我完全理解您的心情", "我完全理解您的新秦", "我完全理解您的新秦", MatchKind.CLOSE),
        ("我完全理解您的心情", "我完全大解您的心情", "我完全大解您的心情", MatchKind.CLOSE),
        ("请您稍等一下", "请您稍稍等一下", "请您稍稍等一下", MatchKind.CLOSE),
        ("请您稍等一下", "请您等一下", "请您等一下", MatchKind.CLOSE),
        ("去银行办理", "去引航办理", "去引航办理", MatchKind.SOUND),
        ("姓名和电话", "您的姓名汉电话", "姓名汉电话", MatchKind.SOUND),
        ("请稍等一会儿", "那请稍等一会", "请稍等一会", MatchKind.EXACT),
        ("请稍等一会儿", "那请稍等一会儿", "请稍等一会儿", MatchKind.EXACT),
        ("等一会给您回电", "等一会儿给您回电", "等一会儿给您回电", MatchKind.EXACT),
        ("不归我管", "这个呃不归那个我管", "不归那个我管", MatchKind.EXACT),
        ("不归我管", "不归啊我管", "不归啊我管", MatchKind.EXACT),
        ("不归我管", "不贵那个我管", "不贵那个我管", MatchKind.SOUND),
        ("二十四小时内", "24小时内", "24小时内", MatchKind.EXACT),
    ],
    ids=[
        "two alike",
        "one wrong",
        "one too many",
        "one too few",
        "read otherwise by context",
        "read otherwise in Taiwan",
        "without its 儿",
        "with its 儿",
        "with a 儿",
        "a filler word within",
        "an interjection within",
        "a filler word and a homophone",
        "a spoken number",
    ],
)
def test_what_a_recogniser_makes_of_a_phrase_is_found(phrase: str, said: str, heard: str, kind: MatchKind) -> None:
    assert found(phrase, said) == [(heard, kind)]


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("不投诉", "去工信部投诉"),
        ("骂你", "可以吗你说"),
        ("能给您退款", "不能退款"),
        ("你自己看说明", "你自己不看说明"),
        ("不归我管", "不归\n我管"),
        ("问题", "问那个题"),
    ],
    ids=[
        "a word that sounds like its beginning",
        "a question before it",
        "more than one too few",
        "its contrary",
        "apart",
        "too short for a filler",
    ],
)
def test_what_is_another_word_is_not_found(phrase: str, said: str) -> None:
    assert found(phrase, *said.split("\n")) == []


def test_the_more_a_hit_sounds_like_the_phrase_the_surer_it_is() -> None:
    phrase = "感谢您的来电"
    said = ["感谢您的来电", "感谢您的来店", "感谢您的莱店", "感谢您的来钱", "感谢您的来酷", "感谢您的苦酷"]
    sure = [sum(h.likelihood for h in PhraseIndex([phrase]).find(joined(s)).of(phrase)) for s in said]
    assert sure == sorted(sure, reverse=True)
    assert len(set(sure)) >= 4
    assert (sure[0], sure[-1]) == (1.0, 0.0)


def test_a_filler_that_may_mean_something_leaves_less_than_one_that_cannot() -> None:
    assert 1 > sole("不归我管", "不归啊我管").likelihood > sole("不归我管", "不归那个我管").likelihood > 0.5


def test_an_index_without_phrases_finds_nothing() -> None:
    assert PhraseIndex([]).find(joined("您好")).by_phrase == {}


def test_what_another_rule_looks_for_was_not_misheard() -> None:
    said = join([normalise("感谢您的耐心等待")])
    assert PhraseIndex(["感谢您的来电"]).find(said).of("感谢您的来电")
    both = PhraseIndex(["感谢您的来电", "感谢您的耐心"]).find(said)
    assert not both.of("感谢您的来电")
    assert both.of("感谢您的耐心")
