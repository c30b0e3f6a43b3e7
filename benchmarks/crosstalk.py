"""The other speaker's voice on a channel, set apart: `python -m benchmarks.crosstalk [--model FOLDER]`.

Every stereo recording of the fixtures. A word is said where its channel's speaker speaks, by the truth, and leaked
where that speaker is silent. The limits were chosen on these recordings, so the figures are a description, not a test.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import product
from unittest.mock import patch

from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.recordings import Recorded, hear, recorded
from pipeline.domain.transcript import Quarantine, Role
from pipeline.transcribe import EngineOptions, load_engine
from pipeline.transcribe.sound.audio import read_audio
from pipeline.transcribe.turns import Heard, sifted
from pipeline.transcribe.voices.crosstalk import LEAST_CORRELATION, LEAST_DIFFERENCE_DB, without_crosstalk

DIFFERENCES_DB = (6.0, LEAST_DIFFERENCE_DB, 15.0, 20.0)
CORRELATIONS = (0.5, LEAST_CORRELATION, 0.7, 0.8)
console = Console()


def main() -> None:
    """Prints what each pair of limits sets apart; the program's own pair is marked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=EngineOptions().model)
    engine = load_engine(EngineOptions(model=parser.parse_args().model))
    console.print(engine.fingerprint)
    counts: dict[tuple[float, float], Counter[tuple[bool, bool]]] = defaultdict(Counter)
    for one in track(list(recorded()), "recordings", console=console, transient=True):
        assert one.call.audio_path is not None
        channels = read_audio(one.call.audio_path).channels
        if len(channels) == 2:
            heard = [sifted(segments) for segments in hear(engine, channels)]
            for limits in product(DIFFERENCES_DB, CORRELATIONS):
                with (
                    patch("pipeline.transcribe.voices.crosstalk.LEAST_DIFFERENCE_DB", limits[0]),
                    patch("pipeline.transcribe.voices.crosstalk.LEAST_CORRELATION", limits[1]),
                ):
                    counts[limits] += _count(one, without_crosstalk(heard, channels))
    table = Table("softer by", "alike by", "leaked words", "of them set apart", "said words", "of them set apart")
    for limits, found in counts.items():
        figures = [n for said in (False, True) for n in (found[said, True] + found[said, False], found[said, True])]
        own = limits == (LEAST_DIFFERENCE_DB, LEAST_CORRELATION)
        table.add_row(f"{limits[0]:g} dB", f"{limits[1]:g}", *map(str, figures), style="bold" if own else None)
    console.print(table)


def _count(one: Recorded, heard: Sequence[Heard]) -> Counter[tuple[bool, bool]]:
    """Words by whether their channel's speaker speaks there, and whether they are set apart as the other one's."""
    agent = one.call.agent_channel or 0
    counts: Counter[tuple[bool, bool]] = Counter()
    for channel, voice in enumerate(heard):
        role = Role.AGENT if channel == agent else Role.CUSTOMER
        for word in (*voice.words, *voice.apart):
            leaked = word.quarantine is Quarantine.CROSSTALK
            if leaked or word.quarantine is None:
                counts[one.speaks(role, (word.start_ms + word.end_ms) / 2), leaked] += 1
    return counts


if __name__ == "__main__":
    main()
