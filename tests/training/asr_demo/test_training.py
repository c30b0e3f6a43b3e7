"""The network learns, resumes and is loaded by faster-whisper. Needs PyTorch, an extra."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from training.asr_demo.shards import Example
from training.asr_demo.tokens import Tokens
from training.asr_demo.windows import Said

torch = pytest.importorskip("torch", reason="PyTorch is not installed (pip install -e '.[train]')")

from training.asr_demo import train as training  # noqa: E402 - after the skip
from training.asr_demo.batches import WHOLE_WINDOW, Batcher  # noqa: E402
from training.asr_demo.export import export  # noqa: E402
from training.asr_demo.held_out import character_error  # noqa: E402
from training.asr_demo.model import ENCODER_POSITIONS, Shape  # noqa: E402
from training.asr_demo.sounds import HEAD_SIZE, IGNORED, sound_classes  # noqa: E402

WORDS = ("您好", "再见")


@pytest.fixture(scope="module")
def batcher() -> Batcher:
    tokens = Tokens((*"您好再见", *"0123456789", " ", "-", "'"))
    return Batcher(tokens=tokens, frames_per_batch=600)


@pytest.fixture(scope="module")
def shape(batcher: Batcher) -> Shape:
    return Shape(
        vocabulary=len(batcher.tokens),
        sounds=HEAD_SIZE,
        width=32,
        heads=4,
        encoder_layers=1,
        decoder_layers=2,
    )


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    """Two words of two sounds each, told apart by the band in which they lie."""
    draw = np.random.default_rng(1)
    made = []
    for number in range(40):
        frames = draw.normal(-1, 0.1, (60, 80))
        for place, char in enumerate(WORDS[number % 2]):
            band = "您好再见".index(char) * 20
            frames[10 + 20 * place : 30 + 20 * place, band : band + 20] += 2
        characters = tuple((c, 100 + 200 * i, 300 + 200 * i) for i, c in enumerate(WORDS[number % 2]))
        said = (("nin2", "hao3"), ("zai4", "jian4"))[number % 2]
        sounds = tuple((s, 100 + 200 * i, 300 + 200 * i) for i, s in enumerate(said))
        made.append(Example(frames.astype(np.float16), (Said(characters, sounds),)))
    return made


@pytest.fixture
def shard(examples: list[Example], monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    monkeypatch.setattr(training, "read_shard", lambda _: examples)
    monkeypatch.setattr(training, "_BLOCK", 10)
    return [Path("only")]


def start(shape: Shape, batcher: Batcher, steps: int) -> training.Trainer:
    return training.Trainer.start(shape, batcher, training.Course(steps=steps, peak_rate=5e-3))


def test_a_prompt_and_timestamps_are_never_asked_to_be_written_in_the_wrong_place(
    batcher: Batcher, examples: list[Example]
) -> None:
    generator = random.Random(2)
    first = batcher.tokens.id("<|startoftranscript|>")
    for _ in range(30):
        batch = batcher.batch(examples[:4], generator, length=60, plain=False)
        for tokens, targets in zip(batch.tokens.tolist(), batch.targets.tolist(), strict=True):
            at = tokens.index(first)
            assert targets[:at] == [-100] * at
            assert batcher.tokens.all[targets[at]] == "<|zh|>"
            assert targets.count(batcher.tokens.id("<|endoftext|>")) == 1


def test_a_window_without_speech_is_to_be_called_so(batcher: Batcher) -> None:
    silent = Example(np.full((100, 80), -1.5, np.float16), ())
    batch = batcher.batch([silent], random.Random(1), length=100, plain=True)
    assert batcher.tokens.all[batch.targets[0, 0]] == "<|nospeech|>"
    asked = [target for target in batch.targets[0].tolist() if target != IGNORED]
    assert batcher.tokens.all[asked[-1]] == "<|endoftext|>"


def test_windows_are_filled_up_as_faster_whisper_does(batcher: Batcher, examples: list[Example]) -> None:
    batch = batcher.batch(examples[:2], random.Random(1), length=WHOLE_WINDOW, plain=True)
    assert tuple(batch.frames.shape) == (2, WHOLE_WINDOW, 80)
    assert float(batch.frames[:, 60:].abs().max()) == 0
    assert bool((batch.sounds[:, 60:] == IGNORED).all())


@pytest.mark.parametrize("whole", [True, False])
def test_every_example_comes_once_in_a_pass(batcher: Batcher, examples: list[Example], *, whole: bool) -> None:
    batches = batcher.batches(examples, random.Random(3), whole=whole)
    passes = [0, 0]
    for number in range(2):
        while passes[number] < len(examples):
            batch = next(batches)
            rows, frames, _ = batch.frames.shape
            assert rows == 1 or rows * frames <= 600
            assert batch.start + frames // 2 <= ENCODER_POSITIONS
            passes[number] += rows
    assert passes == [len(examples)] * 2


def test_a_cut_line_begins_with_any_of_its_characters(batcher: Batcher, examples: list[Example]) -> None:
    cutting = replace(batcher, cut_share=1.0)
    batches = cutting.batches(examples, random.Random(4), whole=False)
    targets = {tuple(row) for _ in range(10) for row in next(batches).targets.tolist()}
    texts = {"".join(cutting.tokens.all[t] for t in row if 0 <= t < len(cutting.tokens.characters)) for row in targets}
    assert texts == {"您好", "好", "再见", "见"}


def test_the_rate_falls_rises_once_for_the_second_stage_and_falls_to_the_end() -> None:
    course = training.Course(steps=4_000, refining_steps=3_000)
    paces = [course.pace(step) for step in range(course.all_steps)]
    rises = [later > earlier for earlier, later in pairwise(paces)]
    assert all(rises[:399])
    assert not any(rises[400:3_999])
    assert all(rises[4_000:4_399])
    assert not any(rises[4_400:])
    assert max(paces[4_000:]) < max(paces) / 2
    assert paces[-1] < paces[3_999]
    assert course.whole_share(0) == 0
    assert course.whole_share(3_999) < course.whole_share(4_000)


def test_spacious_shards_wait_for_the_second_stage(
    shape: Shape, batcher: Batcher, shard: list[Path], monkeypatch: pytest.MonkeyPatch, examples: list[Example]
) -> None:
    opened: list[Path] = []

    def opening(path: Path) -> list[Example]:
        opened.append(path)
        return examples

    monkeypatch.setattr(training, "_kept_shard", opening)
    course = training.Course(steps=10, refining_steps=10)
    run = training.Trainer.start(shape, batcher, course).run(shard, [Path("spacious")], lambda *_: None)
    assert next(run) == 10
    assert opened == shard
    assert list(run) == [20]
    assert opened == [*shard, *shard, Path("spacious")]


def test_each_syllable_is_an_initial_and_the_rest_and_words_are_left_out(examples: list[Example]) -> None:
    classes = sound_classes(examples[0].said, 30)
    initials = [int(i) for i in classes[:, 0]]
    assert initials[:5] == [0] * 5
    assert len(set(initials[5:9])) == 1
    assert len(set(initials[9:15])) == 1
    assert initials[5] != initials[9] != initials[15]
    assert [int(tone) for tone in classes[4:26, 2]] == [0, *[2] * 10, *[3] * 10, 0]
    word = Said((("x", 0, 100),), (("hello", 0, 100), ("A", 100, 140)))
    assert sound_classes([word], 8)[:, 1].tolist()[:5] == [IGNORED] * 5
    assert sound_classes([word], 8)[5, 1] > 0


def test_the_network_learns_to_write_and_where_it_heard(
    shape: Shape, batcher: Batcher, examples: list[Example], shard: list[Path]
) -> None:
    trainer = start(shape, batcher, steps=300)
    losses: list[dict[str, float]] = []
    for _ in trainer.run(shard, [], lambda _, loss: losses.append(loss)):
        pass
    assert trainer.step == 300
    error = character_error(trainer.average, examples[:10], batcher)
    assert error < 0.2
    assert losses[-1]["guide"] < 0.9 * losses[0]["guide"]


def test_a_resumed_training_ends_like_one_that_was_not_disturbed(
    shape: Shape, batcher: Batcher, shard: list[Path], tmp_path: Path
) -> None:
    whole = start(shape, batcher, steps=30)
    list(whole.run(shard, [], lambda *_: None))
    stopped = start(shape, batcher, steps=30)
    next(stopped.run(shard, [], lambda *_: None))
    stopped.save(tmp_path / "checkpoint.pt")
    resumed = start(shape, batcher, steps=30)
    resumed.resume(tmp_path / "checkpoint.pt")
    assert resumed.step == 10
    list(resumed.run(shard, [], lambda *_: None))
    for one, other in zip(whole.average.parameters(), resumed.average.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_faster_whisper_loads_what_is_exported(shape: Shape, batcher: Batcher, tmp_path: Path) -> None:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    export(start(shape, batcher, steps=1).average.state_dict(), shape, batcher.tokens, tmp_path / "model")
    assert {path.name for path in (tmp_path / "model").iterdir()} == {
        "config.json",
        "model.bin",
        "preprocessor_config.json",
        "tokenizer.json",
        "vocabulary.json",
        "zhijian.json",
    }
    model = WhisperModel(str(tmp_path / "model"), device="cpu")
    assert model.model.is_multilingual
    audio = np.zeros(16_000, np.float32)
    clips = [{"start": 0.0, "end": 1.0}]
    segments, info = BatchedInferencePipeline(model).transcribe(audio, language="zh", clip_timestamps=clips)
    assert info.language == "zh"
    assert all(set(segment.text) <= set(batcher.tokens.characters) for segment in segments)
