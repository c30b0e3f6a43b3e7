"""What no person says: announcements by their words, tones and music by their sound. Each under `Role.SYSTEM`.

What is written over a tone, a key or music and is no announcement was said by nobody, and is set apart.
Nothing of it counts as an agent's or a customer's words, nor for who is the agent or for telling two voices apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress

from pipeline.domain.transcript import LineSound, Quarantine, Role
from pipeline.transcribe.turns import Heard, Voice
from pipeline.transcribe.voices.announcements import announcements, announcements_fingerprint
from pipeline.transcribe.voices.tones import in_sounds, tones_fingerprint


def without_machines(
    heard: Sequence[Heard], sounds: Sequence[Sequence[LineSound]]
) -> tuple[list[Heard], tuple[Voice, ...]]:
    """What people say on each channel, and the machines' voices on all of them; `sounds` are those of each channel."""
    said = [tuple(one.words) for one in heard]
    announced = announcements(said)
    people: list[Heard] = []
    machines: list[Voice] = []
    for one, words, marks, sounding_there in zip(heard, said, announced, sounds, strict=True):
        sounding = in_sounds(words, sounding_there)
        over = [sound and not mark for mark, sound in zip(marks, sounding, strict=True)]
        person = [not (mark or sound) for mark, sound in zip(marks, over, strict=True)]
        people.append(Heard(tuple(compress(words, person)), one.apart))
        if not all(person):
            nobody = tuple(replace(word, quarantine=Quarantine.LINE_SOUND) for word in compress(words, over))
            machines.append(Voice(Role.SYSTEM, Heard(tuple(compress(words, marks)), nobody)))
    return people, tuple(machines)


def machines_fingerprint() -> str:
    """Changes whenever what is a machine's could."""
    return f"{announcements_fingerprint()}/{tones_fingerprint()}"
