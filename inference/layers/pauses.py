# SPDX-License-Identifier: GPL-3.0-or-later
"""Between phrases, by rule: lips rest and are still, and before the next phrase they part for breath, as people's do.

Speakers do not wait for a phrase with their lips at rest: they take a posture between rest and speech
(Ramanarayanan et al. 2013, https://doi.org/10.1121/1.4807639) and breathe in for about half a second through the mouth
(Rochet-Capellan and Fuchs 2014, https://doi.org/10.1098/rstb.2013.0399). The sound tells of it too late for a model
that hears only a fifth of a second ahead.
"""

from __future__ import annotations

import numpy as np

from ..channels import MOUTH
from ..motion import Motion
from ..style import NEUTRAL, Style

ORDER = 3

SILENT = 0.7  # of viseme_sil; below it somebody speaks
SHORTEST, GAP = 0.08, 0.25  # s; shorter speech is none, shorter silence is part of the phrase
AROUND, EASE = 0.1, 0.12  # s around a phrase that are the model's, and how long it takes to give way
BREATH = 0.6  # s before a phrase in which lips are parted
SHORT = 1.2  # s; lips stay parted through a pause no longer than this, or they would only close to open again
# Of the phrase's mean posture: what the one tracked speaker of the training set does 200 ms before the first word, of
# what he does while he speaks, mean of 880 clips. The jaw is down already, the lips are not yet drawn apart.
READY = {
    "jawOpen": 0.88, "mouthClose": 1.12, "mouthFunnel": 0.74, "mouthPucker": 0.83, "mouthRollUpper": 0.67,
    "mouthStretchLeft": 0.35, "mouthStretchRight": 0.35, "mouthLowerDownLeft": 0.33, "mouthLowerDownRight": 0.33,
    "mouthUpperUpLeft": 0.22, "mouthUpperUpRight": 0.22,
}  # fmt: skip
OTHERS = 0.5
PARTED = np.array([READY.get(name, OTHERS) for name in MOUTH], dtype=np.float32)  # (27,)


def apply(motion: Motion, _rng: np.random.Generator, style: Style = NEUTRAL) -> Motion:
    """Still the mouth between phrases and part it before each; a motion without speech rests as a whole.

    A mouth at rest is as the style has it, closed by default.
    """
    times = motion.times
    mouth = motion.select(MOUTH).values
    phrases = spoken(motion.channel("viseme_sil") < SILENT, motion.fps)
    own, breath = np.zeros((2, motion.frames, 1), np.float32)
    posture = np.zeros_like(mouth)
    waits = times[0]  # since when nobody speaks
    for first, last in phrases:
        begin, end = times[first], times[last]
        own = np.maximum(own, _held(times, begin - AROUND, end + AROUND)[:, None])
        parts = waits if begin - waits <= SHORT else begin - BREATH
        parted = _held(times, parts, begin - EASE)[:, None]
        posture = np.where(parted > breath, PARTED * mouth[first : last + 1].mean(axis=0), posture)
        breath = np.maximum(breath, parted)
        waits = end
    mouth = own * mouth if not style.rest.any() else own * mouth + (1 - own) * style.rest.clip(0, 1)
    return motion.with_channels(MOUTH, mouth + breath * np.maximum(posture - mouth, 0.0))


def spoken(speaking: np.ndarray, fps: float) -> list[tuple[int, int]]:
    """First and last frame of every phrase in a row of booleans."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], speaking.astype(np.int8), [0]])))
    runs = [(a, b) for a, b in edges.reshape(-1, 2) if b - a >= SHORTEST * fps]
    phrases: list[tuple[int, int]] = []
    for a, b in runs:
        if phrases and a - phrases[-1][1] - 1 < GAP * fps:
            phrases[-1] = (phrases[-1][0], int(b) - 1)
        else:
            phrases.append((int(a), int(b) - 1))
    return phrases


def _held(times: np.ndarray, begin: float, end: float) -> np.ndarray:
    """1 from `begin` to `end`, eased to 0 on both sides over ``EASE`` [shape=(F,), float32]."""
    away = np.maximum(begin - times, times - end)
    part = np.clip(1.0 - away / EASE, 0.0, 1.0)
    return (part * part * (3.0 - 2.0 * part)).astype(np.float32)
