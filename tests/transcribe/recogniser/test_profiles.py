from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.domain.errors import ModelError, ProblemCode
from pipeline.transcribe import EngineOptions, engine_options
from pipeline.transcribe.recogniser.options import check_ranges
from pipeline.transcribe.recogniser.profiles import PROFILES, Compute

FAST = "flateon/Belle-whisper-large-v3-turbo-zh-ct2"


def test_without_a_profile_it_is_the_shipped_model_with_the_usual_settings() -> None:
    assert engine_options() == engine_options("demo") == EngineOptions()


@pytest.mark.parametrize(
    ("cards", "device", "wanted"),
    [
        (0, None, ("int8", 4)),
        (1, None, ("float16", 16)),
        (1, "auto", ("float16", 16)),
        (1, "cpu", ("int8", 4)),
        (0, "cuda", ("float16", 16)),
    ],
)
def test_a_profile_computes_as_suits_the_device(
    cards: int, device: str | None, wanted: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: cards)
    options = engine_options("fast", device=device)
    assert (options.model, options.compute_type, options.batch_size) == (FAST, *wanted)


def test_what_is_said_beside_a_profile_wins_and_the_rest_stays() -> None:
    plain = engine_options("accurate", device="cpu")
    chosen = engine_options("accurate", device="cpu", model="mine", compute_type="float32", beam_size=1, threads=None)
    assert chosen == replace(plain, model="mine", compute_type="float32", beam_size=1)
    assert engine_options("accurate", device="cpu", batch_size=1, language="yue", glossary=("光猫",)) == replace(
        plain, batch_size=1, language="yue", glossary=("光猫",)
    )


def test_a_profile_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(ModelError) as caught:
        engine_options("best")
    (problem,) = caught.value.problems
    assert problem.code is ProblemCode.SETTING_INVALID
    assert "“best”" in problem.what
    assert all(name in problem.remedy for name in ("demo", "fast", "accurate"))


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_settings_of_every_profile_are_within_range(name: str, device: str) -> None:
    check_ranges(engine_options(name, device=device))


@pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda p: p.name)
def test_no_figure_stands_without_its_source(profile: object) -> None:
    figures = [getattr(profile, name) for name in ("error_percent", "relative_speed", "cuda_memory_mb")]
    assert bool(profile.sources) == any(figure is not None for figure in figures)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "device", "megabytes"),
    [
        # weights + workers x windows x 2 (keys, values) x layers x 1500 x 1280 x bytes
        ("fast", "cpu", 809 + 2 * 4 * 61.44),
        ("fast", "cuda", 1618 + 16 * 30.72),
        ("accurate", "cpu", 1550 + 2 * 2 * 491.52),
        ("accurate", "cuda", 3100 + 8 * 245.76),
    ],
)
def test_the_least_memory_is_arithmetic_of_the_shape(name: str, device: str, megabytes: float) -> None:
    profile = PROFILES[name]
    compute: Compute = getattr(profile, device)
    assert profile.least_memory_mb(compute) == round(megabytes)


def test_nothing_is_computed_for_a_model_whose_shape_may_change() -> None:
    demo = PROFILES["demo"]
    assert demo.least_memory_mb(demo.cpu) is None
