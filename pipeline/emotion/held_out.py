"""Our own lines that no model learns from: what a retrained model has kept of the general language of service."""

from __future__ import annotations

import yaml

from pipeline.assets import asset
from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role, Turn
from pipeline.emotion.labelled import LabelledCall

HELD_OUT = "training/emotion/lines/held_out.yml"


def held_out_lines() -> tuple[LabelledCall, ...]:
    """Each line as a call of its own."""
    by_role = yaml.safe_load(asset(HELD_OUT).read_text(encoding="utf-8"))
    return tuple(
        LabelledCall(None, (Turn(0, Role(role), line),), (EmotionLabel(label),))
        for role, labels in by_role.items()
        for label, lines in labels.items()
        for line in lines
    )
