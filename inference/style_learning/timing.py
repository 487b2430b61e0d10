# SPDX-License-Identifier: GPL-3.0-or-later
"""When a mouth moves, against when the neutral style would: by the shift at which both correlate best."""

from __future__ import annotations

import numpy as np

from ..core.channels import MOUTH
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from .ridge import EFFECTIVE_RATE, lips_metric

STEP = 0.01  # s
LARGEST_LEAD, LEAD_SPREAD = 0.2, 0.02  # s; the spread of the prior: mouths are seldom a frame of film off
SURE = 0.5  # correlation below which motion is not laid anew


def best_lead(shown: Motion, plain: Motion, known: np.ndarray) -> float:
    """Seconds by which what was shown is earlier than the neutral mouth.

    Parameters
    ----------
    shown, plain : Motion
        `plain` is the model's, of the same sound.
    known : ndarray [shape=(27,), bool]
        Channels of ``MOUTH`` that are looked at.
    """
    shifts = np.arange(-LARGEST_LEAD, LARGEST_LEAD + STEP / 2, STEP)
    r = np.array([_correlation(shown, plain, known, shift) for shift in shifts]).clip(-0.99, 0.99)
    frames = EFFECTIVE_RATE * shown.frames / shown.fps
    likely = -frames / 2 * np.log(1 - np.maximum(r, 0) ** 2) - (shifts / LEAD_SPREAD) ** 2 / 2
    return round(float(shifts[likely.argmax()]), 3)


def aligned(motion: Motion, plain: Motion, phones: Phonemes, seconds: float) -> tuple[Motion, float]:
    """Motion whose clock is another, laid where it fits the sound best; and by how many seconds it was moved.

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
    """Of both mouths, in the way of lips; `plain` is taken `shift` seconds later."""
    names = [name for name, there in zip(MOUTH, known, strict=True) if there]
    if not names:
        return 0.0
    metric = lips_metric()[np.ix_(known, known)]
    inside = (shown.times + shift >= 0) & (shown.times + shift <= plain.end)
    if inside.sum() < 10:
        return 0.0
    one, other = shown.select(names).values[inside], plain.select(names).at(shown.times[inside] + shift)
    one, other = one - one.mean(axis=0), other - other.mean(axis=0)
    both = [float(np.einsum("fc,cd,fd->", a, metric, b)) for a, b in ((one, other), (one, one), (other, other))]
    return both[0] / max(np.sqrt(both[1] * both[2]), 1e-12)
