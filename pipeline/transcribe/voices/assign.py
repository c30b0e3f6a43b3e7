"""Who speaks in a recording: leaks are set apart, machines told from people, and people given their roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from pipeline.transcribe.engine import Samples, Separator
from pipeline.transcribe.turns import Heard
from pipeline.transcribe.voices.cast import Cast, cast_channels, cast_fingerprint, cast_mono
from pipeline.transcribe.voices.crosstalk import crosstalk_fingerprint, without_crosstalk
from pipeline.transcribe.voices.handover import handover_fingerprint, with_second_agent
from pipeline.transcribe.voices.machines import machines_fingerprint, without_machines
from pipeline.transcribe.voices.tones import line_sounds


def cast_recording(
    heard: Sequence[Heard],
    channels: Sequence[Samples],
    *,
    declared: int | None,
    separator: Separator | None = None,
) -> Cast:
    """The voices of a recording of one channel or two (16 kHz) with their roles, and the sounds on its line.

    `declared`: the agent's channel (0 or 1). `separator`: what tells two voices on one channel apart; None for ours.

    Raises:
        ModelError: the separator broke down.
    """
    sounds = [line_sounds(audio, channel) for channel, audio in enumerate(channels)]
    if len(channels) == 1:
        people, machines = without_machines(heard, sounds)
        cast = cast_mono(people[0], channels[0], separator)
    else:
        people, machines = without_machines(without_crosstalk(heard, channels), sounds)
        cast = with_second_agent(cast_channels(people, declared), channels)
    in_order = sorted(chain.from_iterable(sounds), key=lambda sound: (sound.start_ms, sound.channel, sound.end_ms))
    return replace(cast, voices=(*cast.voices, *machines), sounds=tuple(in_order))


def voices_fingerprint(separator: Separator | None = None) -> str:
    """Changes whenever a word could be given to somebody else."""
    by = separator.fingerprint if separator else "own"
    return (
        f"crosstalk={crosstalk_fingerprint()} machines={machines_fingerprint()} roles={cast_fingerprint()} "
        f"handover={handover_fingerprint()} separator={by}"
    )
