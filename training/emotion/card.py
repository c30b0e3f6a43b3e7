"""The model card: `card.md` with the measured figures in their places, so that card and figures cannot part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

TEMPLATE = Path(__file__).parent / "card.md"


def render(metrics: Mapping[str, Any]) -> str:
    """The card as Markdown. Raises KeyError when the template asks for a figure that was not measured."""
    return _Card(TEMPLATE.read_text(encoding="utf-8")).substitute(dict(figures(metrics)))


def figures(metrics: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every figure by its path, such as `fosaed_calls.peak.macro_f1`."""
    for key, value in metrics.items():
        if isinstance(value, Mapping):
            yield from figures(value, f"{prefix}{key}.")
        else:
            yield prefix + key, f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


class _Card(Template):
    idpattern = r"[a-z0-9_.]+"
