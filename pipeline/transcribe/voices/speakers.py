"""Two voices on one channel told apart by their sound, without any trained model.

What changes slowly in a conversation is who speaks; what changes fast is what is said. Slow feature analysis
(Wiskott and Sejnowski 2002) of spectral shape and pitch over windows of a second finds the direction in which
neighbouring windows differ least, compared with all windows; there two speakers fall into two heaps. A Gaussian
mixture for each of them then moves the borders to where the voice changes, frame by frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pipeline.transcribe.engine import SAMPLE_RATE_HZ, Samples
from pipeline.transcribe.voices.voiceprint import FRAME_MS, Voiceprint, voiceprint

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

Real = NDArray[np.float64]

_LEAST_SPEECH_MS = 4_000
"""Less than this does not show two voices."""
_WINDOW, _HOP = 100, 25  # frames: a second, and a quarter of one
_RIDGE = 0.3
_MIXTURE = 8
_FRAMES_PER_COMPONENT = 150
_MOST_FRAMES = 12_000
"""Frames that a mixture is fitted to, evenly taken from all."""
_ROUNDS = 6
_INDEPENDENT = 0.25
"""Neighbouring frames say much the same, so each counts as a quarter of one."""
_CHANGE, _CHANGE_AFTER_PAUSE = 25.0, 3.0
"""What a change of speaker costs in nats, within speech and after a pause in which nobody speaks."""
_WINDOW_CHANGE = 2.0


@dataclass(frozen=True, slots=True)
class Speakers:
    """Who speaks in each frame of 10 ms: 0 or 1, -1 where nobody does, and how likely that is (0.5 to 1).

    One voice alone is parted, too: by its own changes, and then nothing of what the parts say tells an agent.
    """

    labels: NDArray[np.int8]
    certainty: NDArray[np.float32]

    def of(self, start_ms: int, end_ms: int) -> tuple[int, float]:
        """The speaker of a stretch, -1 if nobody speaks in it, and how sure that is: 0.5 to 1."""
        part = slice(start_ms // FRAME_MS, max(start_ms // FRAME_MS + 1, end_ms // FRAME_MS))
        labels, certainty = self.labels[part], self.certainty[part]
        spoken = labels >= 0
        if not spoken.any():
            return -1, 0.5
        second = np.where(labels == 1, certainty, 1 - certainty)[spoken].mean()
        return int(second > 0.5), round(float(max(second, 1 - second)), 4)


def separate(audio: Samples, spoken: Iterable[tuple[int, int]]) -> Speakers:
    """Two speakers of a mono recording (16 kHz). `spoken`: half-open spans in ms in which somebody speaks.

    The first to speak is 0. The same input gives the same result.
    """
    frames = len(audio) * 1000 // SAMPLE_RATE_HZ // FRAME_MS
    speech = np.zeros(frames, bool)
    for start_ms, end_ms in spoken:
        speech[start_ms // FRAME_MS : -(-end_ms // FRAME_MS)] = True
    found = Speakers(np.full(frames, -1, np.int8), np.full(frames, 0.5, np.float32))
    if speech.sum() * FRAME_MS < _LEAST_SPEECH_MS:
        return found
    voice = voiceprint(audio, speech)
    if voice.telling.sum() * FRAME_MS < _LEAST_SPEECH_MS / 2:
        return found
    labels, second = _refined(voice, _by_windows(voice))
    if labels[0]:
        labels, second = 1 - labels, 1 - second
    found.labels[speech] = labels
    found.certainty[speech] = np.where(labels == 1, second, 1 - second)
    return found


def _by_windows(voice: Voiceprint) -> NDArray[np.int8]:
    """A first label for each frame of speech."""
    from sklearn.cluster import KMeans
    from sklearn.mixture import GaussianMixture

    starts = list(range(0, max(1, len(voice.cepstra) - _WINDOW + 1), _HOP))
    slow = _slowest(np.array([_summary(voice, start) for start in starts]))
    heaps = KMeans(2, n_init=10, random_state=0).fit(slow)
    model = GaussianMixture(
        2, covariance_type="tied", means_init=heaps.cluster_centers_, random_state=0, reg_covar=1e-3
    ).fit(slow)
    likely = np.log(model.predict_proba(slow) + 1e-6) * 0.5
    windows = np.array(_viterbi(likely.tolist(), [_WINDOW_CHANGE] * len(likely)), np.int8)
    nearest = np.rint((np.arange(len(voice.cepstra)) - _WINDOW / 2) / _HOP).astype(int)
    labels: NDArray[np.int8] = windows[nearest.clip(0, len(windows) - 1)]
    return labels


def _summary(voice: Voiceprint, start: int) -> Real:
    part = slice(start, start + _WINDOW)
    cepstra, telling, pitch = voice.cepstra[part], voice.telling[part], voice.pitch[part]
    if telling.sum() > _WINDOW // 10:
        cepstra = cepstra[telling]
    heard = pitch[np.isfinite(pitch)]
    middle = float(np.median(heard)) if len(heard) > 5 else 0.0
    return np.concatenate([cepstra.mean(0), np.log(cepstra.std(0) + 0.1), [middle]])


def _slowest(windows: Real) -> Real:
    """The projection (windows x 1) that differs least between neighbours that do not overlap."""
    from scipy.linalg import eigh

    scaled = (windows - windows.mean(0)) / (windows.std(0) + 1e-6)
    apart = _WINDOW // _HOP
    fast = scaled[apart:] - scaled[:-apart] if len(scaled) > apart else scaled
    within = fast.T @ fast / len(fast) / 2
    ridge = _RIDGE * np.trace(within) / len(within) * np.eye(len(within))
    values, vectors = eigh(scaled.T @ scaled / len(scaled), within + ridge)
    return np.asarray(scaled @ vectors[:, -1:] * math.sqrt(values[-1]))


def _refined(voice: Voiceprint, labels: NDArray[np.int8]) -> tuple[NDArray[np.int8], Real]:
    """Labels frame by frame, and the probability of the second speaker around each frame."""
    costs = np.where(voice.after_pause, _CHANGE_AFTER_PAUSE, _CHANGE).tolist()
    likely = np.zeros((len(labels), 2))
    for _ in range(_ROUNDS):
        own = [voice.telling & (labels == speaker) for speaker in (0, 1)]
        if min(mine.sum() for mine in own) < _FRAMES_PER_COMPONENT:
            break
        for speaker, mine in enumerate(own):
            likely[:, speaker] = _likelihood(voice, mine)
        likely[~voice.telling] = 0
        moved = np.array(_viterbi((likely * _INDEPENDENT).tolist(), costs), np.int8)
        done = float((moved == labels).mean()) > 0.998
        labels = moved
        if done:
            break
    return labels, _second(likely)


def _likelihood(voice: Voiceprint, mine: NDArray[np.bool_]) -> Real:
    """The log likelihood of every frame for the speaker whose frames are `mine`."""
    from sklearn.mixture import GaussianMixture

    own = voice.cepstra[mine]
    own = own[:: max(1, len(own) // _MOST_FRAMES)]
    parts = min(_MIXTURE, len(own) // _FRAMES_PER_COMPONENT)
    model: GaussianMixture = GaussianMixture(
        max(1, parts), covariance_type="diag", random_state=0, reg_covar=1e-2, tol=1e-2, max_iter=60
    ).fit(own)
    likely = np.asarray(model.score_samples(voice.cepstra), np.float64)
    heard = np.isfinite(voice.pitch)
    if (mine & heard).sum() > _FRAMES_PER_COMPONENT // 3:
        middle, spread = np.median(voice.pitch[mine & heard]), max(0.25, float(voice.pitch[mine & heard].std()))
        likely += np.where(heard, -0.5 * ((np.nan_to_num(voice.pitch) - middle) / spread) ** 2 - math.log(spread), 0)
    return likely


def _second(likely: Real) -> Real:
    """How likely the second speaker is, from the frames of half a second around each."""
    for_second = (likely[:, 1] - likely[:, 0]) * _INDEPENDENT
    around = np.convolve(for_second, np.ones(_WINDOW // 2), mode="same")
    return np.asarray(1 / (1 + np.exp(-np.clip(around, -30, 30))))


def _viterbi(likely: Sequence[Sequence[float]], costs: Sequence[float]) -> list[int]:
    """The likeliest path through two states; `costs[i]` is what a change before `i` costs."""
    best = (likely[0][0], likely[0][1])
    stays: list[tuple[bool, bool]] = []
    for (first, second), cost in zip(likely[1:], costs[1:], strict=True):
        stay = (best[0] >= best[1] - cost, best[1] >= best[0] - cost)
        best = (
            (best[0] if stay[0] else best[1] - cost) + first,
            (best[1] if stay[1] else best[0] - cost) + second,
        )
        stays.append(stay)
    path = [int(best[1] > best[0])]
    for stay in reversed(stays):
        path.append(path[-1] if stay[path[-1]] else 1 - path[-1])
    return path[::-1]
