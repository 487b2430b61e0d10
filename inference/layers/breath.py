# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that part before somebody begins to speak, by rule: the model hears it a fifth of a second ahead, too late.

Speakers breathe in for about half a second through the mouth (Rochet-Capellan and Fuchs 2014,
https://doi.org/10.1098/rstb.2013.0399) and take a posture between rest and speech before the first sound (Ramanarayanan
et al. 2013, https://doi.org/10.1121/1.4807639). Only before the first phrase of a sound: later pauses are the model's
own, and the layer `pauses` stills them.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import MOUTH
from ..core.curves import runs, smoothstep
from ..core.motion import Motion
from ..styles.style import NEUTRAL, Style

ORDER = 4

SILENT = 0.7  # of viseme_sil; below it somebody speaks
SHORTEST, GAP = 0.15, 0.25  # s; shorter speech does not count as speech, shorter silence is part of the phrase
BREATH, EASE = 0.6, 0.12  # s before a phrase in which lips are parted, and how long they take to part
SHORT = 1.2  # s; a sound that begins no earlier than this before the phrase begins with lips parted
# Factors on the phrase's mean posture: the mouth of the one tracked speaker of the training set 200 ms before the first
# word, relative to his mouth in speech, mean of 880 clips. The jaw is down already, the lips are not yet drawn apart.
READY = {
    "jawOpen": 0.88, "mouthClose": 1.12, "mouthFunnel": 0.74, "mouthPucker": 0.83, "mouthRollUpper": 0.67,
    "mouthStretchLeft": 0.35, "mouthStretchRight": 0.35, "mouthLowerDownLeft": 0.33, "mouthLowerDownRight": 0.33,
    "mouthUpperUpLeft": 0.22, "mouthUpperUpRight": 0.22,
}  # fmt: skip
OTHERS = 0.5  # factor on the mouth's other channels
PARTED = np.array([READY.get(name, OTHERS) for name in MOUTH], dtype=np.float32)  # (27,)


def apply(motion: Motion, _rng: np.random.Generator, _style: Style = NEUTRAL) -> Motion:
    """The motion with the mouth parted before the first phrase; one without speech stays as it is."""
    phrase = first_phrase(motion.channel("viseme_sil") < SILENT, motion.fps)
    if phrase is None:
        return motion
    mouth, times = motion.select(MOUTH).values, motion.times
    begin = times[phrase][0]
    parts = times[0] if begin - times[0] <= SHORT else begin - BREATH
    posture = PARTED * mouth[phrase].mean(axis=0)
    weight = _eased_window(times, parts, begin - EASE)
    return motion.with_channels(MOUTH, mouth + weight * np.maximum(posture - mouth, 0))


def first_phrase(speaking: np.ndarray, fps: float) -> slice | None:
    """The frames of the first phrase, up to a silence of ``GAP`` or more, given which frames [shape=(F,)] speak."""
    spoken = [(begin, end) for begin, end in runs(speaking).tolist() if end - begin >= SHORTEST * fps]
    if not spoken:
        return None
    first, end = spoken[0]
    for a, b in spoken[1:]:
        if a - end >= GAP * fps:
            break
        end = b
    return slice(first, end)


def _eased_window(times: np.ndarray, begin: float, end: float) -> np.ndarray:
    """1 from `begin` to `end`, eased to 0 on both sides over ``EASE`` [shape=(F, 1), float32]."""
    away = np.maximum(begin - times, times - end)
    return smoothstep(1.0 - away / EASE).astype(np.float32)[:, None]
