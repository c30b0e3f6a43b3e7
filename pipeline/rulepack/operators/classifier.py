"""The operator on what a trained model makes of the words: `classifier`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema, model_validator

from pipeline.rulepack.logic import Truth
from pipeline.rulepack.region import Region
from pipeline.rulepack.schema import Params, Text
from pipeline.rulepack.view import MIN_CLARITY, SPEAKER_NAMES, CallView, Hit, Outcome, Stance, turn_hit
from pipeline.text.classify.classifier import SUFFIX, Classifier, read_classifier


def _model(name: Any, info: ValidationInfo) -> Classifier:
    """The classifier of a file in the pack's folder. Raises ValueError (Chinese)."""
    folder: Path | None = (info.context or {}).get("folder")
    if not isinstance(name, str) or folder is None:
        raise ValueError("应是规则包文件夹里的模型文件,例如 models/推诿.npz")
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        if PurePosixPath(name).is_absolute() or "\\" in name or not path.is_relative_to(root):
            raise ValueError("不在规则包的文件夹里,只能用里面的文件")
        if path.suffix != SUFFIX:
            raise ValueError(f"应是 {SUFFIX} 文件")
        status = path.stat()
        return _read(path, status.st_mtime_ns, status.st_size)
    except FileNotFoundError:
        why = "规则包里没有这个文件"
    except (OSError, RuntimeError) as error:
        why = f"读不出来({error})"
    except ValueError as error:
        why = str(error)
    raise ValueError(f"模型“{name}”用不了:{why}")


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int, size_bytes: int) -> Classifier:
    """The same model for all rules that name it. Raises ValueError, OSError."""
    try:
        return read_classifier(path)
    except ValueError as error:
        raise ValueError(f"已损坏或不是分类器({error})") from error


class ClassifierParams(Params):
    """`model`: a classifier's file, as a path within the pack's folder (`models/推诿.npz`). `label`: what it must say.

    From `threshold` a turn counts as sure, from `doubt` as doubtful. `turns`: how many turns are needed.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    model: Annotated[Classifier, BeforeValidator(_model), WithJsonSchema({"type": "string"})]
    label: Text
    threshold: Annotated[float, Field(gt=0, le=1)]
    doubt: Annotated[float, Field(gt=0, le=1)] | None = None
    turns: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _fits(self) -> ClassifierParams:
        if self.doubt is not None and self.doubt > self.threshold:
            raise ValueError("doubt 不能高于 threshold")
        if self.label not in self.model.labels:
            raise ValueError(f"模型没有标签“{self.label}”,可用:{'、'.join(self.model.labels)}")
        return self

    @property
    def file_digests(self) -> tuple[str, ...]:
        return (self.model.digest,)


def classifier(params: ClassifierParams, view: CallView, region: Region, stance: Stance) -> Outcome:
    """True when the model says `label` of enough turns in the region with a probability of `threshold` at least.

    A turn is doubtful below the threshold, where it is not sure who spoke, and where speech is unclear: the model was
    taught on what was said, not on what was misheard.
    """
    sure: list[Hit] = []
    doubtful: list[Hit] = []
    shares = _shares(params.model, view)
    for index in region.turn_indexes:
        known = shares[index]
        if known is None or not region.holds((index, 0)):
            continue
        share = round(known[params.label], 3)
        if share >= params.threshold and region.sure_of_speaker(index) and _is_clear(view, index):
            sure.append(_hit(params, view, index, share))
        elif share >= (params.threshold if params.doubt is None else params.doubt):
            doubtful.append(_hit(params, view, index, share))
    note = f"{SPEAKER_NAMES[region.speaker]}说“{params.label}”一类的话"
    if len(sure) >= params.turns and not region.doubtful:
        return Outcome(truth=Truth.TRUE, hits=tuple(sure), note=note)
    if len(sure) + len(doubtful) >= params.turns:
        return Outcome(truth=Truth.DOUBTFUL, hits=tuple(sorted(sure + doubtful, key=lambda h: h.begin)), note=note)
    if stance is Stance.GENEROUS:
        region.require_clear_speech()
    return Outcome(truth=Truth.FALSE, note=note)


def _shares(model: Classifier, view: CallView) -> tuple[Mapping[str, float] | None, ...]:
    """What the model says of every turn, asked once a call; None for turns set apart."""
    if model.digest not in view.shares:
        view.shares[model.digest] = model.shares(["" if t.quarantined else t.text for t in view.turns])
    return view.shares[model.digest]


def _is_clear(view: CallView, index: int) -> bool:
    probabilities = [word.probability for word in view.turns[index].words]
    return not probabilities or sum(probabilities) / len(probabilities) >= MIN_CLARITY


def _hit(params: ClassifierParams, view: CallView, index: int, share: float) -> Hit:
    turn = view.turns[index]
    said = f"{SPEAKER_NAMES[turn.role]}的话被模型归为“{params.label}”(把握 {share:.0%}):“{turn.text}”"
    return turn_hit(view, index, confidence=share, explanation=said)
