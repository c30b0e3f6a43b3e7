"""What the emotion model sees of a turn: the features of its text, and who says its words."""

from __future__ import annotations

from pipeline.domain.transcript import Role
from pipeline.text import words
from pipeline.text.classify.features import features as text_features

_SERVICE_SIDE = frozenset({Role.AGENT, Role.SYSTEM})


def features(role: Role, text: str) -> list[str]:
    """The features of one plain text, with `席抱歉` for a word of an agent.

    A sorry from an agent is a phrase of service, from a customer it is not: words of the service side count a second
    time under their own name.
    """
    found = text_features(text)
    if role in _SERVICE_SIDE:
        found += ["席", *("席" + word for word in words(text))]
    return found
