"""What no person says: announcements by their words, tones and music by their sound. Each under `Role.SYSTEM`.

Nothing of it counts as an agent's or a customer's words, nor for who is the agent or for telling two voices apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from pipeline.domain.transcript import Role
from pipeline.transcribe.engine import Samples
from pipeline.transcribe.turns import Heard, Voice
from pipeline.transcribe.voices.announcements import announcements, announcements_fingerprint
from pipeline.transcribe.voices.tones import in_sounds, line_sounds, tones_fingerprint


def without_machines(heard: Sequence[Heard], channels: Sequence[Samples]) -> tuple[list[Heard], tuple[Voice, ...]]:
    """What people say on each channel (16 kHz), and the machines' voices on all of them."""
    said = [tuple(one.words) for one in heard]
    announced = announcements(said)
    people: list[Heard] = []
    machines: list[Voice] = []
    for one, words, marks, audio in zip(heard, said, announced, channels, strict=True):
        sounding = in_sounds(words, line_sounds(audio)) if words else []
        machine = [mark or sound for mark, sound in zip(marks, sounding, strict=True)]
        people.append(Heard(tuple(compress(words, (not mark for mark in machine))), one.apart))
        if any(machine):
            machines.append(Voice(Role.SYSTEM, Heard(tuple(compress(words, machine)))))
    return people, tuple(machines)


def machines_fingerprint() -> str:
    """Changes whenever what is a machine's could."""
    return f"{announcements_fingerprint()}/{tones_fingerprint()}"
