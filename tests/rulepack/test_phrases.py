from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain.verdict import MatchKind
from pipeline.rulepack.joined import JoinedText, join
from pipeline.rulepack.phrases import CLOSE_MIN_SYLLABLES, PhraseIndex
from pipeline.text import normalise, syllables

LETTERS = st.sampled_from("不部步归贵管关我握这个者")
PHRASES = st.lists(st.text(LETTERS, min_size=1, max_size=5), min_size=1, max_size=6)
TURNS = st.lists(st.text(LETTERS, max_size=12), min_size=1, max_size=4)


def joined(*turns: str) -> JoinedText:
    return join(normalise(t) for t in turns)


def naive(phrases: list[str], turns: list[str]) -> set[tuple[str, int, int, MatchKind]]:
    """Compares every phrase with every place, one by one."""
    found = set()
    for phrase in set(phrases):
        for i, turn in enumerate(turns):
            for start in range(len(turn) - len(phrase) + 1):
                said = turn[start : start + len(phrase)]
                wrong = sum(a != b for a, b in zip(syllables(phrase), syllables(said), strict=True))
                if said == phrase:
                    found.add((phrase, i, start, MatchKind.EXACT))
                elif wrong == 0:
                    found.add((phrase, i, start, MatchKind.SOUND))
                elif wrong == 1 and len(phrase) >= CLOSE_MIN_SYLLABLES:
                    found.add((phrase, i, start, MatchKind.CLOSE))
    return found


@given(PHRASES, TURNS)
def test_the_automata_find_what_a_naive_search_finds(phrases: list[str], turns: list[str]) -> None:
    index = PhraseIndex(phrases)
    hits = index.find(joined(*turns))
    found = {(h.phrase, h.turn, h.start, h.kind) for p in phrases for h in hits.of(p)}
    assert found == naive(phrases, turns)


def test_a_phrase_never_reaches_over_two_turns() -> None:
    hits = PhraseIndex(["不归我管"]).find(joined("这个不归", "我管不了"))
    assert hits.of("不归我管") == ()


def test_a_homophone_is_found_by_sound() -> None:
    (hit,) = PhraseIndex(["不归我管"]).find(joined("这个不贵我管")).of("不归我管")
    assert (hit.kind, hit.start, hit.end) == (MatchKind.SOUND, 2, 6)


def test_one_wrong_syllable_is_close_and_knows_whether_it_is_a_common_confusion() -> None:
    index = PhraseIndex(["我完全理解您的心情"])
    (common,) = index.find(joined("我完全理解您的新秦")).of("我完全理解您的心情")
    (odd,) = index.find(joined("我完全大解您的心情")).of("我完全理解您的心情")
    assert (common.kind, common.alike) == (MatchKind.CLOSE, True)
    assert (odd.kind, odd.alike) == (MatchKind.CLOSE, False)


def test_an_index_without_phrases_finds_nothing() -> None:
    assert PhraseIndex([]).find(joined("您好")).by_phrase == {}
