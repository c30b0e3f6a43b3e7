"""Wherever the model quotes from, the finding shows what was quoted, unmasked, where it was said."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.domain.call import Call, Channel
from pipeline.domain.transcript import Role, Transcript, Turn
from pipeline.privacy import mask
from pipeline.rulepack.index import RuleIndex
from pipeline.rulepack.llm.question import Answer, Question
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.operators.llm import LlmParams, llm
from pipeline.rulepack.region import resolve
from pipeline.rulepack.schema import Scope
from pipeline.rulepack.view import NotJudgedError, Outcome, Stance, view_call
from pipeline.signals import measure
from pipeline.text import normalise

PIECES = "您好 嗯 , 。 手机 13800138000 一三八零零一三八零零零 二十四小时 3.5% 訂單 ＡＢ 退款".split()


@dataclass(frozen=True)
class Quoting:
    """A language model that quotes these characters of the only line that it is shown."""

    start: int
    end: int

    @property
    def name(self) -> str:
        return "m"

    @property
    def max_characters(self) -> int:
        return 10_000

    def answer(self, question: Question) -> Answer:
        ((_, shown),) = question.lines
        return Answer(answer="yes", quote=shown[self.start : self.end])


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map("".join), st.data())
def test_a_finding_covers_what_was_quoted(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = normalise(mask(text)[start:end]).text
    assume(quote)
    turns = (Turn(0, Role.AGENT, text),)
    call = Call(call_id="c", channel=Channel.CHAT, source="s", content_hash="h", turns=turns)
    transcript = Transcript(turns=turns, engine="given")
    view = view_call(
        call,
        transcript,
        measure(transcript, channel=call.channel),
        [None],
        RuleIndex(()),
        language_model=Quoting(start, end),
    )
    region = resolve(Scope(role="agent"), view, lambda _: Outcome(truth=Truth.FALSE))
    try:
        (hit,) = llm(LlmParams(prompt="客服推诿了"), view, region, Stance.STRICT).hits
    except NotJudgedError:
        return
    assert hit.char_start is not None
    assert hit.char_end is not None
    assert hit.matched == text[hit.char_start : hit.char_end]
    # A number that the quote cuts in two is shown whole.
    assert quote in normalise(mask(text)[hit.char_start : hit.char_end]).text
