"""The emotion of a turn, from its words and its voice, and its course over a call.

The import is light: scikit-learn comes with the model.
"""

from pipeline.emotion.course import EmotionCourse, course
from pipeline.emotion.model import EmotionModel, load_default
from pipeline.emotion.votes import emotions_of

__all__ = ["EmotionCourse", "EmotionModel", "course", "emotions_of", "load_default"]
