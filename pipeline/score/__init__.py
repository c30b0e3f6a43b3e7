"""A score sheet, the verdicts of a call, and the score with its reasons."""

from pipeline.score.scoring import score_call
from pipeline.score.sheet import ScoreSheet, load_sheet

__all__ = ["ScoreSheet", "load_sheet", "score_call"]
