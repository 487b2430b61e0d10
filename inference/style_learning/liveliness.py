# SPDX-License-Identifier: GPL-3.0-or-later
"""How much brows, head, gaze and lids move, against the neutral style on the same sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.channels import EYES, HEAD
from ..core.eyes import LOOK
from ..core.motion import Motion
from ..layers.blink import LIDS
from ..styles.style import BROWS, LARGEST_GAIN

DOUBT = 10.0  # s of material after which the measured ratio counts half
USUAL_BLINKS, DOUBT_OF_BLINKS = 24 / 60, 8.0  # per second (`layers.blink`); the prior counts as this many blinks
SHUT, OPEN = 0.5, 0.25  # weights of the lids


@dataclass(frozen=True)
class Liveliness:
    """Factors as in `Style`; None for what does not move in the reference."""

    brows: float | None
    head: float | None
    gaze: float | None
    blinks: float | None


def liveliness(shown: Motion, neutral: Motion) -> Liveliness:
    """The factors of a shown motion against the neutral style's, with layers, of the same sound."""
    times = shown.times
    usual = Motion(neutral.at(times), neutral.channels, shown.fps, shown.start)
    eyes = EYES if _moving(shown, EYES) else LOOK
    brows, head, gaze = (_ratio(shown, usual, names) for names in (BROWS, HEAD, eyes))
    return Liveliness(brows, head, gaze, _blinks(shown))


def _moving(motion: Motion, names: tuple[str, ...]) -> list[str]:
    """Those of some channels that the motion has and that move in it."""
    return [name for name in names if name in motion.channels and np.ptp(motion.channel(name)) > 1e-4]


def _ratio(shown: Motion, neutral: Motion, names: tuple[str, ...]) -> float | None:
    """Ratio of the standard deviations, shown to neutral, drawn towards 1 where there is little material."""
    moving = _moving(shown, names)
    if not moving:
        return None
    sizes = [float(np.sqrt(motion.select(moving).values.var(axis=0).mean())) for motion in (shown, neutral)]
    if sizes[1] < 1e-6:
        return None
    seconds = shown.frames / shown.fps
    ratio = (sizes[0] / sizes[1]) ** (seconds / (seconds + DOUBT))
    return round(float(np.clip(ratio, 0.25, LARGEST_GAIN)), 3)


def _blinks(shown: Motion) -> float | None:
    """How often the lids shut, as a factor on the usual rate; None where they do not move."""
    names = _moving(shown, LIDS)
    if not names:
        return None
    lids, count, shut = shown.select(names).values.mean(axis=1), 0, False
    for weight in lids.tolist():
        count += not shut and weight >= SHUT
        shut = weight >= SHUT or (shut and weight > OPEN)
    often = (count + DOUBT_OF_BLINKS) / (USUAL_BLINKS * shown.frames / shown.fps + DOUBT_OF_BLINKS)
    return round(float(np.clip(often, 0.25, LARGEST_GAIN)), 3)
