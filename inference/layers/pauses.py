# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that wait in pauses, by rule: where nobody speaks they stay where they are until the model really moves them.

In breath and in the noise of a room the model's lips tremble, by a few hundredths of a weight. A phrase to come moves
them further, as early as it can be heard. So the mouth has some slack: it follows the model only where the two would be
more than `SLACK` apart, and stands perfectly still while the model trembles. The posture in which it waits is the
model's for this voice, and what the style adds; people wait with a mouth between rest and speech, too (Ramanarayanan
et al. 2013, https://doi.org/10.1121/1.4807639).

A frame depends on frames before it and on none after it, so the same rule runs live: see `stream`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.channels import MOUTH, PHONES
from ..core.curves import smoothstep
from ..core.motion import Motion
from ..styles.style import NEUTRAL, Style

ORDER = 3

# Chosen on what is kept for choosing: in four of five quiet pauses of 21 voices the lips move by 0.01 pupil distances
# per second at most, without the rule in one of thirty; the jaw of s1 is at r = 0.888 instead of 0.907: it costs most.
SPEECH, SILENCE = 0.4, 0.7  # of viseme_sil: up to here somebody speaks, from there on nobody does
SLACK = 0.08  # weight; what the model may move by in silence without moving the mouth
CLOSING, SETTLING = 0.2, 0.05  # s after speech that lips have to close; then until they have all the slack


@dataclass(frozen=True, eq=False)
class Held:
    """Where a mouth is held.

    Parameters
    ----------
    mouth : ndarray [shape=(27,), float32]
        Weights of ``MOUTH`` in the last frame.
    part : float
        Of the slack it has, at most 1; below 0 it has none yet.
    """

    mouth: np.ndarray
    part: float


def apply(motion: Motion, _rng: np.random.Generator, style: Style = NEUTRAL) -> Motion:
    """Still the mouth where nobody speaks; speech stays as it is."""
    return stream(motion, style)[0]


def stream(motion: Motion, style: Style = NEUTRAL, before: Held | None = None) -> tuple[Motion, Held]:
    """A part of a motion with its mouth stilled, and what its next part goes on from.

    Parameters
    ----------
    motion : Motion
        All of ``CHANNELS``.
    style : Style
        What enlarges the mouth's movements enlarges its trembling: there is more slack then.
    before : Held, optional
        What the part before gave. Without one there was silence before.
    """
    mouth = motion.select(MOUTH).values
    before = before or Held(mouth[0], 1.0)
    parts = _parts(silence(motion.channel("viseme_sil")), before.part, motion.fps)
    slack = SLACK * max(1.0, float(style.gains[PHONES.index("SIL")].max())) * np.maximum(parts, 0)[:, None]
    lowest, highest = (mouth - slack).astype(np.float32), (mouth + slack).astype(np.float32)
    held, values = before.mouth, np.empty_like(mouth)
    for k in range(motion.frames):
        held = np.minimum(np.maximum(held, lowest[k]), highest[k])
        values[k] = held
    return motion.with_channels(MOUTH, values), Held(held, float(parts[-1]))


def _parts(silent: np.ndarray, before: float, fps: float) -> np.ndarray:
    """Part of the slack in every frame [shape=(F,)]: gone as soon as somebody speaks, and slow to come back."""
    aim = silent - (1 - silent) * CLOSING / SETTLING
    ramp = np.arange(1, len(silent) + 1) / (SETTLING * fps)
    return np.minimum(before, np.minimum.accumulate(aim - ramp)) + ramp


def silence(heard: np.ndarray) -> np.ndarray:
    """How surely nobody speaks, in [0, 1], for the posterior of silence [both shape=(F,)]; eased at both ends."""
    return smoothstep(heard, SPEECH, SILENCE)
