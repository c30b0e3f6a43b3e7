"""Answers that stand in a rule's case, in the place of a language model: cases never ask a real one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import field_validator

from pipeline.rulepack.llm.question import Answer, NoAnswerError, Question

_NO_LIMIT = 1 << 30


class WrittenAnswer(Answer):
    """What a language model shall have answered. YAML reads `yes` and `no` as true and false."""

    @field_validator("answer", mode="before")
    @classmethod
    def _word(cls, value: Any) -> Any:
        return ("no", "yes")[value] if isinstance(value, bool) else value


@dataclass(frozen=True, slots=True)
class WrittenAnswers:
    """A `LanguageModel`: the answers by the criterion that they are to."""

    by_criterion: Mapping[str, Answer]

    @property
    def name(self) -> str:
        return "用例里写的"

    @property
    def max_characters(self) -> int:
        return _NO_LIMIT

    def answer(self, question: Question) -> Answer:
        """Raises NoAnswerError where the case says nothing."""
        if question.criterion not in self.by_criterion:
            raise NoAnswerError("用例没有写它的回答")
        return self.by_criterion[question.criterion]
