"""Which emotion model is meant: a folder that a user names, or the one that ships."""

from __future__ import annotations

from pathlib import Path

from pipeline.emotion import EmotionModel, load_default


def emotion_model(folder: Path | None) -> EmotionModel:
    """The model in `folder`, the shipped one where there is none. Raises ModelError."""
    return load_default() if folder is None else EmotionModel.load(folder)
