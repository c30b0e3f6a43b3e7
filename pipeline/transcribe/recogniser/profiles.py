"""Ready choices of a public model with settings that suit it, and what is known of each.

A figure is either published, with its source, or computed from the model's shape; where neither is possible there is
none. All published figures are for one window at a time, beam 5, float16, on an RTX 2080 Ti, and of OpenAI's original
of the same shape, since the fine-tunes publish none (SYSTRAN/faster-whisper, issue 1030).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pipeline.domain.errors import ModelError, Problem, ProblemCode
from pipeline.transcribe.recogniser.options import CPU_WORKERS, DEMO_MODEL, EngineOptions

DEFAULT_PROFILE = "demo"
_POSITIONS = 1500  # of the encoder's output, for each of which every layer of the decoder holds a key and a value
_WEIGHT_BYTES = {"int8": 1, "float16": 2}
_ACTIVATION_BYTES = {"int8": 4, "float16": 2}  # int8 computes in float32 around its products
_BELLE = "BELLE-2 的模型卡与 shuaijiang/Whisper-Finetune 的说明,HKUST_dev 电话普通话"
_FASTER_WHISPER = "SYSTRAN/faster-whisper 的 issue 1030,同规格的原版 Whisper,RTX 2080 Ti,float16,逐窗识别"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compute:
    """How a profile computes on a kind of device. `batch_size`: windows at once, for each worker."""

    compute_type: str
    batch_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A Whisper's size: millions of parameters, the decoder's layers and its width."""

    parameters_m: int
    decoder_layers: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A model and its settings.

    `error_percent`: published character error on telephone Mandarin. `relative_speed`: published speed, where
    `accurate` is 1. `cuda_memory_mb`: published peak of the card's memory. None where nothing is published.
    `sources` names where the figures are from.
    """

    name: str
    purpose: str
    model: str
    cpu: Compute
    cuda: Compute
    beam_size: int = 5
    shape: Shape | None = None
    error_percent: float | None = None
    relative_speed: float | None = None
    cuda_memory_mb: int | None = None
    sources: tuple[str, ...] = ()

    def least_memory_mb(self, compute: Compute) -> int | None:
        """What the weights, and the decoder's view of the windows recognised at once, take at least; computed.

        For the default number of workers: one on a card. None where the shape is not fixed.
        """
        if self.shape is None:
            return None
        workers = 1 if compute is self.cuda else CPU_WORKERS
        weights = self.shape.parameters_m * 10**6 * _WEIGHT_BYTES[compute.compute_type]
        window = 2 * self.shape.decoder_layers * _POSITIONS * self.shape.width * _ACTIVATION_BYTES[compute.compute_type]
        return round((weights + workers * compute.batch_size * window) / 10**6)


_OWN = Compute(compute_type=EngineOptions().compute_type, batch_size=EngineOptions().batch_size)

PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            name=DEFAULT_PROFILE,
            purpose="试用:随附的小模型,只认合成语音,不得用于真人",
            model=DEMO_MODEL,
            cpu=_OWN,
            cuda=_OWN,
        ),
        Profile(
            name="fast",
            purpose="量大或没有显卡:针对中文微调的 large-v3-turbo",
            model="flateon/Belle-whisper-large-v3-turbo-zh-ct2",
            cpu=Compute(compute_type="int8", batch_size=4),
            cuda=Compute(compute_type="float16", batch_size=16),
            shape=Shape(parameters_m=809, decoder_layers=4, width=1280),
            error_percent=18.9,
            relative_speed=2.7,  # 52.0 s against 19.2 s for the same 13 minutes
            cuda_memory_mb=2537,
            sources=(_BELLE, _FASTER_WHISPER),
        ),
        Profile(
            name="accurate",
            purpose="求准,建议有显卡:针对中文微调的 large-v3,带标点",
            model="XA9/Belle-faster-whisper-large-v3-zh-punct",
            cpu=Compute(compute_type="int8", batch_size=2),
            cuda=Compute(compute_type="float16", batch_size=8),
            shape=Shape(parameters_m=1550, decoder_layers=32, width=1280),
            error_percent=17.2,
            relative_speed=1.0,
            cuda_memory_mb=4521,
            sources=(_BELLE, _FASTER_WHISPER),
        ),
    )
}
"""By name, from light to heavy."""


def engine_options(name: str | None = None, **given: Any) -> EngineOptions:
    """The options of a profile (`demo` for None), where each field of `EngineOptions` that is given and not None wins.

    Raises:
        ModelError: SETTING_INVALID when there is no such profile.
    """
    profile = PROFILES.get(name or DEFAULT_PROFILE)
    if profile is None:
        remedy = f"可用:{'、'.join(PROFILES)};zhijian models list 有说明"
        raise ModelError(Problem(code=ProblemCode.SETTING_INVALID, what=f"没有叫“{name}”的方案", remedy=remedy))
    chosen = {key: value for key, value in given.items() if value is not None}
    compute = _compute(profile, chosen.get("device", EngineOptions().device))
    options = EngineOptions(
        model=profile.model,
        compute_type=compute.compute_type,
        batch_size=compute.batch_size,
        beam_size=profile.beam_size,
    )
    return replace(options, **chosen)


def _compute(profile: Profile, device: str) -> Compute:
    if device == "auto" and profile.cpu != profile.cuda:
        import ctranslate2

        device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    return profile.cuda if device == "cuda" else profile.cpu
