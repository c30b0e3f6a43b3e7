"""The shipped model, loaded once."""

from __future__ import annotations

import pytest

from pipeline.emotion import EmotionModel, load_default


@pytest.fixture(scope="session")
def model() -> EmotionModel:
    return load_default()
