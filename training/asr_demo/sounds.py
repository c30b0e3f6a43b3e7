"""What sounds in each frame of the encoder: the classes that training teaches it beside the writing.

espeak-ng tells when each syllable is said, so the encoder learns from every frame, which takes a fraction of the steps
that a loss without times (CTC) needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from training.asr_demo.windows import Said

FRAME_MS = 20
"""The encoder halves the 100 frames of a second."""
IGNORED = -100
"""The class of frames that are not judged."""
_SYLLABLE = re.compile(r"(?P<initial>zh|ch|sh|[bpmfdtnlgkhjqxzcsryw])?(?P<final>[a-z]+)(?P<tone>[1-5])")
_INITIALS = ("", "-", *"b p m f d t n l g k h j q x zh ch sh r z c s y w".split(), "vowel")
"""Silence, the rest of a syllable, the initials, and a syllable that begins with its final."""
_INITIAL_SHARE = 0.4
"""The part of a syllable that counts as its initial, so that 谢谢 shows two beginnings."""
_FINALS = (
    "",
    *"a o e i u v ai ei ao ou an en ang eng ong er ia ie iao iu ian in iang ing iong".split(),
    *"ua uo uai ui uan un uang ue ve van vn".split(),
    *"ABCDEFGHIJKLMNOPQRSTUVWXYZ",
)
_TONES = 6
"""None (silence and letters) and the five of Mandarin."""
_SIZES = (len(_INITIALS), len(_FINALS), _TONES)
HEAD_SIZE = sum(_SIZES)
_INITIAL_ID = {name: i for i, name in enumerate(_INITIALS)}
_FINAL_ID = {name: i for i, name in enumerate(_FINALS)}


def sound_classes(said: Sequence[Said], frames: int) -> NDArray[np.int64]:
    """Encoder frames x (initial, final, tone); `IGNORED` in English words, whose inner times are not known."""
    classes = np.zeros((frames, 3), np.int64)
    for sound, start_ms, end_ms in (sound for line in said for sound in line.sounds):
        start = round(start_ms / FRAME_MS)
        end = max(start + 1, round(end_ms / FRAME_MS))
        middle = start + max(1, round((end - start) * _INITIAL_SHARE))
        first, final, tone = _classes(sound)
        classes[start:middle] = first, final, tone
        classes[middle:end] = IGNORED if first == IGNORED else _INITIAL_ID["-"], final, tone
    return classes


def _classes(sound: str) -> tuple[int, int, int]:
    if sound in _FINAL_ID:
        return _INITIAL_ID["vowel"], _FINAL_ID[sound], 0
    syllable = _SYLLABLE.fullmatch(sound)
    if syllable is None or syllable["final"] not in _FINAL_ID:
        return IGNORED, IGNORED, IGNORED
    return _INITIAL_ID[syllable["initial"] or "vowel"], _FINAL_ID[syllable["final"]], int(syllable["tone"])


def sound_loss(head: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Cross entropy, summed over the three, and the share of judged frames with a wrong final.

    `head`: batch x frames x `HEAD_SIZE`; `classes`: batch x frames x 3.
    """
    parts = head.float().split(_SIZES, dim=-1)
    losses = [
        functional.cross_entropy(part.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED)
        for part, wanted in zip(parts, classes.unbind(-1), strict=True)
    ]
    finals = classes[..., 1]
    judged = finals != IGNORED
    wrong = ((parts[1].argmax(-1) != finals) & judged).sum() / judged.sum().clamp(min=1)
    return torch.stack(losses).sum(), wrong
