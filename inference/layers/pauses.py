# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that wait in pauses, by rule: where nobody speaks they stay where they are until the model really moves them.

In breath and in the noise of a room the model's lips tremble, by a few hundredths of a weight. A phrase to come moves
them further, as early as it can be heard. So the mouth has some slack: it follows the model only where the two would be
more than `SLACK` apart, and stands perfectly still while the model trembles. It waits in the posture that the model and
the style give this voice; people wait with a mouth between rest and speech, too (Ramanarayanan
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

# Chosen on validation clips: in four of five quiet pauses of 21 voices the lips move by 0.01 pupil distances per second
# at most, without the rule in one of thirty. It costs the jaw of s1 most: r = 0.888 instead of 0.907.
SPEECH, SILENCE = 0.4, 0.7  # of viseme_sil: up to here somebody speaks, from there on nobody does
SLACK = 0.08  # weight; what the model may move by in silence without moving the mouth
CLOSING, SETTLING = 0.2, 0.05  # s after speech that lips have to close; then until they have all the slack


@dataclass(frozen=True, eq=False)
class Held:
    """The state of a mouth with slack, after some frames.

    Parameters
    ----------
    mouth : ndarray [shape=(27,), float32]
        Weights of ``MOUTH`` in the last frame.
    part : float
        How much of the slack it has, at most 1; 0 and below for none.
    """

    mouth: np.ndarray
    part: float


def apply(motion: Motion, _rng: np.random.Generator, style: Style = NEUTRAL) -> Motion:
    """The motion with its mouth stilled where nobody speaks; speech stays as it is."""
    return stream(motion, style)[0]


def stream(motion: Motion, style: Style = NEUTRAL, before: Held | None = None) -> tuple[Motion, Held]:
    """The next part of a motion with its mouth stilled, and the state of the mouth after it.

    Parameters
    ----------
    motion : Motion
        All of ``CHANNELS``.
    style : Style
        A style that enlarges the mouth's movements enlarges its trembling, so it gets more slack.
    before : Held, optional
        The state after the part before. Without one there was silence before.
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
    """How much of the slack every frame has [shape=(F,)]: none as soon as somebody speaks, and it comes back slowly."""
    aim = silent - (1 - silent) * CLOSING / SETTLING
    ramp = np.arange(1, len(silent) + 1) / (SETTLING * fps)
    return np.minimum(before, np.minimum.accumulate(aim - ramp)) + ramp


def silence(posterior: np.ndarray) -> np.ndarray:
    """How surely nobody speaks, in [0, 1], for the posterior of silence [both shape=(F,)]; eased at both ends."""
    return smoothstep(posterior, SPEECH, SILENCE)
