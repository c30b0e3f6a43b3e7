"""Where the data that ships with zhijian lies: rules, models and fixtures."""

from __future__ import annotations

from pathlib import Path

_INSTALLED = Path(__file__).parent / "_assets"
_CHECKOUT = Path(__file__).parent.parent


def asset(name: str) -> Path:
    """The folder or file `name` (such as `rules/general`), in an installed wheel or in the checkout."""
    root = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
    return root / name
