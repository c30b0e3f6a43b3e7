"""Our own lines, and the variants that make them look like what a recogniser writes of a real call."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from pipeline.domain.emotion import EmotionLabel
from pipeline.domain.transcript import Role
from pipeline.text.classify.features import plain
from training.emotion.corpora import Example

LINES = Path(__file__).parent / "lines"
WRITTEN = ((Role.CUSTOMER, "customer.yml"), (Role.CUSTOMER, "customer_written.yml"), (Role.AGENT, "agent.yml"))
HARD = (
    (Role.CUSTOMER, "customer_reported.yml"),
    (Role.CUSTOMER, "customer_ironic.yml"),
    (Role.CUSTOMER, "customer_quiet.yml"),
    (Role.AGENT, "agent_reported.yml"),
)
# On telephone speech recognisers miss about this share of characters; most misses sound the same.
HOMOPHONE_SHARE = 0.12
JOINED_VARIANTS = 2
_LEADS_SHARE = 0.6
# Answers such as 嗯 and 好的 are a quarter of the turns of real calls (FOSAED): they must be sure, so they come often.
ANSWER_TIMES = 10
_LONG_ENOUGH = 4
_SIDES = {"客": Role.CUSTOMER, "席": Role.AGENT}
_FELT = dict(zip("满平急怨怒", EmotionLabel, strict=True))


def own_lines() -> list[Example]:
    """The lines that are trained on, one group each.

    Of source `hard` are those that mislead who counts words: learnt from, but calls do not hold so many of them.
    """
    return [
        Example(role, text, label, source, str(n))
        for source, written in (("own", WRITTEN), ("hard", HARD))
        for n, (role, text, label) in enumerate(line for role, name in written for line in _read(role, LINES / name))
    ]


def dialogues() -> list[Example]:
    """The turns of our own dialogues, one after the other; a dialogue is a group."""
    turns: list[Example] = []
    written = (LINES / "dialogues.txt").read_text(encoding="utf-8")
    spoken = "\n".join(line for line in written.splitlines() if not line.startswith("#"))
    for number, dialogue in enumerate(spoken.strip().split("\n\n")):
        name = f"d{number}"
        for line in dialogue.splitlines():
            side, felt, text = line.split(" ", 2)
            turns.append(Example(_SIDES[side], plain(text), _FELT[felt], "own", name, name))
    return turns


def held_out_lines() -> list[tuple[Role, str, EmotionLabel]]:
    """The lines that are only measured on."""
    by_role = yaml.safe_load((LINES / "held_out.yml").read_text(encoding="utf-8"))
    return [line for role, labels in by_role.items() for line in _lines(Role(role), labels)]


@dataclass(frozen=True, slots=True)
class Trap:
    """A line that is only measured on. `kind` says what misleads; `looked_at`, that it was seen while tuning.

    The latter where the first byte of the SHA-256 of the line as written is even.
    """

    kind: str
    role: Role
    text: str
    label: EmotionLabel
    looked_at: bool


def traps() -> list[Trap]:
    """The misleading lines."""
    by_kind = yaml.safe_load((LINES / "traps.yml").read_text(encoding="utf-8"))
    return [
        Trap(kind, Role(role), plain(text), EmotionLabel(label), hashlib.sha256(text.encode()).digest()[0] % 2 == 0)
        for kind, by_role in by_kind.items()
        for role, labels in by_role.items()
        for label, texts in labels.items()
        for text in texts
    ]


def with_variants(lines: Sequence[Example], sounds: Mapping[str, str], *, seed: int) -> list[Example]:
    """Each line, and it again joined to calm speech, stammered, and misheard; a line keeps its label.

    Real turns carry a short outburst in a long account, which a line on its own does not show.
    """
    rng = random.Random(seed)  # noqa: S311
    calm = {
        role: [e.text for e in lines if e.role is role and e.label is EmotionLabel.CALM and len(e.text) >= _LONG_ENOUGH]
        for role in (Role.CUSTOMER, Role.AGENT)
    }
    variants: list[Example] = []
    for line in lines:
        answer = line.label is EmotionLabel.CALM and len(line.text) < _LONG_ENOUGH
        texts = [line.text] * (ANSWER_TIMES if answer else 1)
        for _ in range(JOINED_VARIANTS):
            filler = rng.choice(calm[line.role])
            texts.append(filler + line.text if rng.random() < _LEADS_SHARE else line.text + filler)
        texts.append(stammered(line.text, rng))
        if len(line.text) >= _LONG_ENOUGH:
            texts.append(misheard(line.text, sounds, rng))
        variants += [Example(line.role, text, line.label, line.source, line.group) for text in texts]
    return variants


def misheard(text: str, sounds: Mapping[str, str], rng: random.Random) -> str:
    """`text` with some characters replaced by others that sound the same."""
    return "".join(
        rng.choice(sounds[char]) if char in sounds and rng.random() < HOMOPHONE_SHARE else char for char in text
    )


def stammered(text: str, rng: random.Random) -> str:
    """`text` with one or two characters somewhere in it said twice."""
    length = min(rng.choice((1, 2)), len(text))
    at = rng.randrange(len(text) - length + 1)
    return text[: at + length] + text[at:]


def _read(role: Role, path: Path) -> list[tuple[Role, str, EmotionLabel]]:
    return _lines(role, yaml.safe_load(path.read_text(encoding="utf-8")))


def _lines(role: Role, labels: Mapping[str, Sequence[str]]) -> list[tuple[Role, str, EmotionLabel]]:
    return [(role, plain(line), EmotionLabel(label)) for label, lines in labels.items() for line in lines]
