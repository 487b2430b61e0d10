# SPDX-License-Identifier: GPL-3.0-or-later
"""A style at work on motion: a pure function, cheap enough to be run again while a slider is dragged."""

from __future__ import annotations

import numpy as np

from .channels import ARKIT, EYES, HEAD, MOUTH, VISEMES, mirrored
from .motion import Motion
from .phones import Phones
from .style import REGIONS, Style

REGION_OF = np.array([[name in channels for channels in REGIONS.values()].index(True) for name in MOUTH])  # (27,)
# +1 for channels of the left half of the mouth, -1 for those of the right; shifts of the whole mouth have no half.
SIDE = np.array(
    [0 if mirrored(c) == c or c in ("jawLeft", "jawRight", "mouthLeft", "mouthRight") else 1 if "Left" in c else -1
     for c in MOUTH], dtype=np.float32
)  # fmt: skip
BROWS = tuple(name for name in ARKIT if name.startswith("brow"))
LOOK = tuple(name for name in ARKIT if name.startswith("eyeLook"))


def styled(motion: Motion, phones: Phones, style: Style) -> Motion:
    """The motion as somebody of this style makes it. Layers come after it, so p, b and m still close the lips.

    Parameters
    ----------
    motion : Motion
        Any of ``CHANNELS``, at any frame rate: what the model says, before `apply_layers`.
    phones : Phones
        What is heard in the same sound.
    style : Style
        The neutral one gives back the motion as it is. Its slots have been at work in the model.

    Returns
    -------
    Motion
        The same channels and frames; weights in [0, 1].
    """
    motion = _articulated(motion, phones, style)
    for names, factor in ((BROWS, style.brows), (HEAD, style.head), ((*EYES, *LOOK), style.gaze)):
        motion = _scaled(motion, names, factor)
    return motion if style.lead == 0 else _led(motion, style.lead)


def mouth_gains(shares: np.ndarray, style: Style) -> np.ndarray:
    """How far a style moves the channels of ``MOUTH`` [shape=(F, 27)] when it hears these phones [shape=(F, 40)]."""
    return (1 + shares @ (style.gains - 1))[:, REGION_OF] * (1 + style.asymmetry * SIDE)


def _articulated(motion: Motion, phones: Phones, style: Style) -> Motion:
    if (style.gains == 1).all() and style.asymmetry == 0 and not style.rest.any():
        return motion
    here = [k for k, name in enumerate(MOUTH) if name in motion.channels]
    names = [MOUTH[k] for k in here]
    gains = mouth_gains(phones.at(motion.times), style)[:, here]
    moved = motion.select(names).values * gains + style.rest[here]
    return motion.with_channels(names, moved.clip(0, 1))


def _scaled(motion: Motion, names: tuple[str, ...], factor: float) -> Motion:
    here = [name for name in names if name in motion.channels]
    if factor == 1 or not here:
        return motion
    values = motion.select(here).values * np.float32(factor)
    weights = [name in ARKIT for name in here]
    values[:, weights] = values[:, weights].clip(0, 1)
    return motion.with_channels(here, values)


def _led(motion: Motion, lead: float) -> Motion:
    """Mouth and visemes earlier by so many seconds: what closes lips comes with them."""
    here = [name for name in (*MOUTH, *VISEMES) if name in motion.channels]
    return motion.with_channels(here, motion.select(here).at(motion.times + lead)) if here else motion
