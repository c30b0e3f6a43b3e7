"""Music, rings and keys on the line: `python -m benchmarks.tones`.

On the recordings of the fixtures: the spoken words of the truth that lie in what is found (none should), and how much
of the scenes' music and rings is found. Then on synthetic music, rings and keys over lines of three qualities.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy.signal import resample_poly

from pipeline.assets import asset
from pipeline.domain.transcript import LineSound, SoundKind
from pipeline.transcribe.engine import HeardWord
from pipeline.transcribe.sound.audio import read_audio
from pipeline.transcribe.voices.tones import in_sounds, line_sounds
from training.make_fixtures.__main__ import all_scenes, read_scenes
from training.make_fixtures.script import Pause, Sound
from training.voice.channel import QUALITIES, Signal, degrade
from training.voice.sounds import hold_music, noise, ring_tone

_SEEDS = range(10)
_SECONDS = 20
console = Console()


def main() -> None:
    """Prints both parts."""
    _fixtures(asset("fixtures/audio"))
    _synthetic()


def _fixtures(folder: Path) -> None:
    scenes = {scene.header.call_id: scene for scene in read_scenes(all_scenes())}
    words = taken = 0
    seconds = spent = 0.0
    heard = dict.fromkeys((SoundKind.MUSIC, SoundKind.TONE, SoundKind.KEY), 0)
    played = {Sound.MUSIC: 0, Sound.RING: 0}
    for path in track(sorted(folder.rglob("truth/*.json")), "recordings", console=console, transient=True):
        truth = json.loads(path.read_text(encoding="utf-8"))
        files = [p for p in path.parents[1].glob(f"{truth['call_id']}.*") if p.suffix != ".json"]
        if not files:
            continue
        recording = read_audio(files[0])
        scene = scenes[truth["call_id"]]
        said: list[list[HeardWord]] = [[], []] if len(recording.channels) == 2 else [[]]
        for turn in truth["turns"]:
            agent = turn["role"] == "agent"
            side = 0 if len(said) == 1 or agent == (scene.header.agent_channel == 0) else 1
            said[side] += [HeardWord(w["text"], w["start_ms"], w["end_ms"], 1.0) for w in turn["words"]]
        for own, audio in zip(said, recording.channels, strict=True):
            begun = time.process_time()
            sounds = line_sounds(audio)
            spent += time.process_time() - begun
            seconds += len(audio) / 16_000
            wrong = [w for w, inside in zip(own, in_sounds(tuple(own), sounds), strict=True) if inside]
            if wrong:
                console.print(truth["call_id"], "".join(w.text for w in wrong), wrong[0].start_ms)
            words, taken = words + len(own), taken + len(wrong)
            for sound in sounds:
                heard[sound.kind] += sound.end_ms - sound.start_ms
        for item in scene.script:
            if isinstance(item, Pause) and item.sound in played:
                played[item.sound] += item.length_ms
    console.print(
        f"fixtures: {taken} of {words} spoken words lie in a sound; {spent / seconds:.4f} of a core's time per channel"
    )
    console.print("played:", ", ".join(f"{kind} {ms / 1000:.0f} s" for kind, ms in played.items()))
    console.print("heard:", ", ".join(f"{kind} {ms / 1000:.0f} s" for kind, ms in heard.items()))


def _synthetic() -> None:
    table = Table("line", "music found", "rings found", "keys found", "noise taken")
    for quality in QUALITIES:
        shares = []
        for kind in ("music", "ring", "key", "noise"):
            found = there = 0.0
            for seed in _SEEDS:
                sound = _made(kind, seed)
                line = degrade(sound[None], quality, seed)[0]
                sounds = line_sounds(resample_poly(line, 2, 1).astype(np.float32))
                wanted = {"music": SoundKind.MUSIC, "ring": SoundKind.TONE, "key": SoundKind.KEY}.get(kind)
                found += _covered_s([s for s in sounds if wanted is None or s.kind is wanted])
                there += {"ring": 4.0, "key": 2.0}.get(kind, float(_SECONDS))
            shares.append(f"{min(1, found / there):.0%}")
        table.add_row(quality, *shares)
    console.print(table)


def _made(kind: str, seed: int) -> Signal:
    if kind == "music":
        return hold_music(_SECONDS, seed).astype(float)
    if kind == "ring":
        return ring_tone(_SECONDS).astype(float)
    if kind == "noise":
        return noise(_SECONDS, seed).astype(float)
    time_s = np.arange(800) / 8000
    draw = np.random.default_rng(seed)
    parts = []
    for _ in range(_SECONDS):
        row, column = draw.choice((697, 770, 852, 941)), draw.choice((1209, 1336, 1477))
        parts += [0.15 * (np.sin(2 * np.pi * row * time_s) + np.sin(2 * np.pi * column * time_s)), np.zeros(7200)]
    return np.concatenate(parts)


def _covered_s(sounds: list[LineSound]) -> float:
    return sum(sound.end_ms - sound.start_ms for sound in sounds) / 1000


if __name__ == "__main__":
    main()
