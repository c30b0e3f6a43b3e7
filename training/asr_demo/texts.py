"""What is read aloud in training: call-centre lines, a user's own scenes, and general sentences from the sets."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from training.asr_demo.corpora import general_sentences
from training.asr_demo.lines import BUILT_IN_CHARACTERS, Lines, draw_line, held_out, read_lines
from training.asr_demo.tokens import Tokens, choose_tokens

_LINES_SHARE = 0.6
_LEAST_COUNT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Beside the lines of this package: `data` holds the general sets, `scenes` a user's scenes (in any depth).

    The scenes of `training/scenes` are not for training: recognition is measured on them.
    """

    data: Path | None = None
    scenes: Path | None = None

    def lines(self) -> tuple[Lines, ...]:
        """Raises InputError with all that is wrong in a scene or a file of lines."""
        return (*read_lines(), *_scene_lines(self.scenes))

    def general(self) -> tuple[str, ...]:
        return general_sentences(self.data) if self.data else ()


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences to train on; called with a generator it draws one."""

    files: tuple[Lines, ...]
    general: tuple[str, ...]

    def __call__(self, generator: random.Random) -> str:
        if not self.general or generator.random() < _LINES_SHARE:
            return draw_line(self.files, generator)
        return generator.choice(self.general)


def choose_vocabulary(sources: Sources) -> Tokens:
    """All characters of the lines, and those that the general sentences have often enough."""
    needed = BUILT_IN_CHARACTERS.union(*(lines.characters for lines in sources.lines()))
    return choose_tokens(filter(str.isalnum, needed), sources.general(), at_least=_LEAST_COUNT)


def training_texts(sources: Sources, tokens: Tokens) -> Texts:
    """The texts without those held out, and without those that hold a character too rare to learn."""
    general = (text for text in sources.general() if tokens.knows(text) and not held_out(text))
    return Texts(sources.lines(), tuple(general))


def _scene_lines(folder: Path | None) -> tuple[Lines, ...]:
    if folder is None:
        return ()
    from training.make_fixtures.__main__ import read_scenes

    scenes = read_scenes(sorted(folder.rglob("*.yml")))
    texts = tuple(utterance.text for scene in scenes for utterance in scene.utterances)
    return (Lines("scenes", texts, {}),) if texts else ()
