# SPDX-License-Identifier: GPL-3.0-or-later
"""Lead: how much earlier a mouth moves than the neutral style's, by the shift at which both correlate best."""

from __future__ import annotations

import numpy as np

from ..core.channels import MOUTH
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from .ridge import EFFECTIVE_RATE, lips_metric

STEP = 0.01  # s
LARGEST_LEAD, LEAD_SPREAD = 0.2, 0.02  # s; the spread of the prior: mouths are seldom a frame of film off
SURE = 0.5  # correlation below which motion is not moved


def best_lead(shown: Motion, plain: Motion, known: np.ndarray) -> float:
    """Seconds by which the shown mouth is earlier than the neutral one.

    Parameters
    ----------
    shown, plain : Motion
        `plain` is the model's, of the same sound.
    known : ndarray [shape=(27,), bool]
        Channels of ``MOUTH`` that are compared.
    """
    shifts = np.arange(-LARGEST_LEAD, LARGEST_LEAD + STEP / 2, STEP)
    r = np.array([_correlation(shown, plain, known, shift) for shift in shifts]).clip(-0.99, 0.99)
    frames = EFFECTIVE_RATE * shown.frames / shown.fps
    likely = -frames / 2 * np.log(1 - np.maximum(r, 0) ** 2) - (shifts / LEAD_SPREAD) ** 2 / 2
    return round(float(shifts[likely.argmax()]), 3)


def aligned(motion: Motion, plain: Motion, phonemes: Phonemes, seconds: float) -> tuple[Motion, float]:
    """Motion with another clock, moved to where it fits the sound best, and by how many seconds it was moved.

    Motion that overlaps with the sound keeps its place.
    """
    if motion.start < seconds and motion.end > 0:
        return motion, 0.0
    known = np.array([name in motion.channels and np.ptp(motion.channel(name)) > 1e-4 for name in MOUTH])
    reach = max(seconds - (motion.end - motion.start), 2.0)
    best, at = -1.0, 0.0
    for start in np.arange(-min(2.0, motion.end - motion.start - 1), reach, 0.02):
        r = _correlation(Motion(motion.values, motion.channels, motion.fps, float(start)), plain, known, 0.0)
        best, at = max((best, at), (r, float(start)))
    at = at if best >= SURE else 0.0
    return Motion(motion.values, motion.channels, motion.fps, at), at - motion.start


def _correlation(shown: Motion, plain: Motion, known: np.ndarray, shift: float) -> float:
    """Correlation of both mouths by `lips_metric`; `plain` is taken `shift` seconds later."""
    names = [name for name, there in zip(MOUTH, known, strict=True) if there]
    if not names:
        return 0.0
    metric = lips_metric()[np.ix_(known, known)]
    inside = (shown.times + shift >= 0) & (shown.times + shift <= plain.end)
    if inside.sum() < 10:
        return 0.0
    a, b = shown.select(names).values[inside], plain.select(names).at(shown.times[inside] + shift)
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    products = [float(np.einsum("fc,cd,fd->", x, metric, y)) for x, y in ((a, b), (a, a), (b, b))]
    return products[0] / max(np.sqrt(products[1] * products[2]), 1e-12)
