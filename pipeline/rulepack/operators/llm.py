"""The operator on what a language model makes of a call: `llm`.

A language model errs, invents, and can be talked round by what it reads, so of itself it may clear an agent and may
cast suspicion, and never condemns:

- its yes counts only with a quote that stands in the masked text of the scope, and that quote is the evidence;
- found, what is forbidden is `suspected`; what is expected and not found is `suspected`;
- with `sure: true` the rule's owner lets its word stand, where speech and speaker are clear.

What could not be asked or was answered amiss is not judged, and never passed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import replace
from typing import Annotated

from pydantic import StringConstraints

from pipeline.domain.verdict import MatchKind
from pipeline.privacy import mask
from pipeline.rulepack.llm.question import Answer, LanguageModel, NoAnswerError, Question
from pipeline.rulepack.logic import Truth
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params
from pipeline.rulepack.view import MIN_CLARITY, SPEAKER_NAMES, CallView, Hit, NotJudgedError, Outcome, Stance, text_hit
from pipeline.text import normalise

LEAST_QUOTE = 4
"""Normalised characters; a shorter quote (您好) stands in every call. A whole turn may be shorter."""
CONFIDENCE = 0.5
"""What a language model's word is given: nobody has measured how often it is right."""
NOT_CONFIGURED = "没有配置语言模型(ZHIJIAN_LLM_URL 和 ZHIJIAN_LLM_MODEL),这项检查没有做"
_SHOWN_REASON = 100


class LlmParams(Params):
    """`prompt`: a criterion that can be answered yes or no. `sure`: its answer may decide, and not only cast doubt."""

    prompt: Annotated[str, StringConstraints(min_length=4, max_length=1000)]
    sure: bool = False


def llm(params: LlmParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the model finds the criterion met, and quotes what was said.

    It is shown the turns of the scope, and what others said before, between and after them, personal data masked.
    """
    note = f"{SPEAKER_NAMES[region.speaker]}的话符合“{_short(params.prompt)}”"
    if not any(view.normal[i].text for i in region.turn_indexes):
        if stance is Stance.GENEROUS:
            region.require_clear_speech()
        return Outcome(truth=Truth.FALSE, note=note)
    model = view.language_model
    if model is None:
        raise NotJudgedError(Truth.UNJUDGED, NOT_CONFIGURED)
    masked, whole = _shown(view, region, model.max_characters)
    try:
        answer = model.answer(_question(params, view, region, masked))
    except NoAnswerError as error:
        raise NotJudgedError(Truth.UNJUDGED, f"语言模型没有判:{error}") from None
    if answer.answer == "unsure":
        raise NotJudgedError(Truth.UNJUDGED, f"语言模型拿不准“{_short(params.prompt)}”{_reason(answer)}")
    if answer.answer == "yes":
        hit = _hit(params, answer, model, view, region, masked)
        return Outcome(truth=_grade(params, view, region, stance, hit), hits=(hit,), note=note)
    if not whole:
        what = f"通话太长,语言模型只看了前 {len(masked)} 轮,没有发现“{_short(params.prompt)}”"
        raise NotJudgedError(Truth.UNJUDGED, what)
    if stance is Stance.GENEROUS:
        region.require_clear_speech()
        if not params.sure:
            raise NotJudgedError(Truth.DOUBTFUL, f"语言模型没有看到“{_short(params.prompt)}”{_reason(answer)}")
    return Outcome(truth=Truth.FALSE, note=note)


def _shown(view: CallView, region: Region, max_characters: int) -> tuple[dict[int, str], bool]:
    """The masked text by turn that the model is shown, whole turns from the first on, and whether that is all.

    Raises NotJudgedError where not one turn can be shown.
    """
    masked: dict[int, str] = {}
    room = max_characters
    for index in _extent(view, region):
        if not view.normal[index].text:
            continue
        text = mask(view.turns[index].text)
        room -= len(text)
        if room < 0:
            if not masked:
                raise NotJudgedError(Truth.UNJUDGED, f"一轮讲话超过 {max_characters} 字,没有问语言模型")
            return masked, False
        masked[index] = text
    return masked, True


def _extent(view: CallView, region: Region) -> range:
    """The turns of the scope; where it is about one speaker, with what the others said around them."""
    first, last = region.turn_indexes[0], region.turn_indexes[-1]
    if region.speaker is not None:
        while first > 0 and view.turns[first - 1].role is not region.speaker:
            first -= 1
        while last + 1 < len(view.turns) and view.turns[last + 1].role is not region.speaker:
            last += 1
    return range(first, last + 1)


def _question(params: LlmParams, view: CallView, region: Region, masked: dict[int, str]) -> Question:
    known = view.transcript.roles_known
    return Question(
        criterion=params.prompt,
        speaker=SPEAKER_NAMES[region.speaker],
        lines=tuple((SPEAKER_NAMES[view.turns[i].role] if known else "说话人", text) for i, text in masked.items()),
    )


def _hit(
    params: LlmParams, answer: Answer, model: LanguageModel, view: CallView, region: Region, masked: dict[int, str]
) -> Hit:
    """The place of the quote. Raises NotJudgedError where it is nowhere in the scope."""
    quote = normalise(answer.quote).text
    for index in region.turn_indexes:
        said = normalise(masked.get(index, ""))
        at = said.text.find(quote) if len(quote) >= LEAST_QUOTE or (quote and quote == said.text) else -1
        while at >= 0:
            # Masks are as long as what they hide, so a place in the masked text is one in the original.
            start, end = _in_original(view, index, *said.span(at, at + len(quote)))
            if start < end and region.holds((index, start)):
                found = text_hit(
                    view, index, start, end, match=MatchKind.MEASURE, confidence=CONFIDENCE, wanted=params.prompt
                )
                thought = f"语言模型({model.name})认为符合“{_short(params.prompt)}”{_reason(answer)}"
                return replace(found, explanation=f"{found.explanation},{thought}")
            at = said.text.find(quote, at + 1)
    what = f"语言模型认为符合“{_short(params.prompt)}”,但引的话在通话里找不到,不作数"
    raise NotJudgedError(Truth.UNJUDGED, what)


def _in_original(view: CallView, index: int, char_start: int, char_end: int) -> tuple[int, int]:
    """The span in a turn's normal text that was written as these characters."""
    normal = view.normal[index]
    return bisect_right(normal.ends, char_start), bisect_left(normal.starts, char_end)


def _grade(params: LlmParams, view: CallView, region: Region, stance: Stance, hit: Hit) -> Truth:
    index = hit.begin[0]
    if region.doubtful or not region.sure_of_speaker(index):
        return Truth.DOUBTFUL
    if stance is Stance.GENEROUS:
        return Truth.TRUE
    assert hit.char_start is not None
    assert hit.char_end is not None
    said = [
        word.probability
        for word in view.turns[index].words
        if word.char_start < hit.char_end and word.char_end > hit.char_start
    ]
    clear = not said or sum(said) / len(said) >= MIN_CLARITY
    return Truth.TRUE if params.sure and clear else Truth.DOUBTFUL


def _short(prompt: str) -> str:
    return prompt if len(prompt) <= 40 else f"{prompt[:39]}…"


def _reason(answer: Answer) -> str:
    """The model's own reason, on one line: it is somebody else's text."""
    reason = " ".join(answer.reason.split())
    reason = "".join(c for c in reason if c.isprintable())[:_SHOWN_REASON]
    return f",理由是“{reason}”" if reason else ""
