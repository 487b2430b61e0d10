# SPDX-License-Identifier: GPL-3.0-or-later
"""A style at work on motion: a pure function, cheap enough to be run again while a slider is dragged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.channels import MOUTH, VISEMES, mirrored
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.regions import REGIONS as FACE
from ..core.regions import scaled
from ..lips.closing import closing_soon
from ..lips.constraint import limit_penetration
from ..lips.decision import BILABIAL_COLUMNS
from .context import LARGEST_TURN
from .style import BROWS, REGIONS, Style

REGION_OF = np.array([[name in channels for channels in REGIONS.values()].index(True) for name in MOUTH])  # (27,)
# +1 for channels of the left half of the mouth, -1 for those of the right; shifts of the whole mouth have no half.
SIDE = np.array(
    [0 if mirrored(c) == c or c in ("jawLeft", "jawRight", "mouthLeft", "mouthRight") else 1 if "Left" in c else -1
     for c in MOUTH], dtype=np.float32
)  # fmt: skip
PRESSES = np.array([name in REGIONS["pressing"] for name in MOUTH])
LEAST = 0.5  # a gain below is not undone: what the policy sees of a context would be larger than it knows


def apply_style(motion: Motion, phones: Phonemes, style: Style) -> Motion:
    """The motion as somebody of this style makes it, before lips are shut on p, b and m (`lips.constraint.constrain`).

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
    for region in ("brows", "head", "gaze"):
        factor = getattr(style, region)
        motion = motion if factor == 1 else scaled(motion, FACE[region], factor)
    motion = _postured(motion, style.posture)
    return motion if style.lead == 0 else _led(motion, style.lead)


def model_context(style: Style) -> Motion | None:
    """The context of a style as the model has to see it, so that `styled` makes of it what was shown.

    As far as that goes: gains below `LEAST` are not undone, and nothing leaves what the model knows.
    """
    if style.context is None:
        return None
    context = _postured(style.context, -style.posture)
    for region in ("brows", "head", "gaze"):
        context = scaled(context, FACE[region], 1 / max(getattr(style, region), LEAST))
    return replace(context, values=context.values.clip(-LARGEST_TURN, LARGEST_TURN))


def headroom(shares: np.ndarray) -> np.ndarray:
    """How far a style may enlarge each channel of ``MOUTH`` [shape=(F, 27), in [0, 1]] when these phones are heard.

    Where lips meet for p, b and m nothing grows but what presses them together: lips that just meet must not part
    because a jaw is opened further.
    """
    shut = closing_soon(shares[:, BILABIAL_COLUMNS].sum(axis=1))[:, None]
    return np.where(PRESSES, 1.0, 1.0 - shut).astype(np.float32)


def _articulated(motion: Motion, phones: Phonemes, style: Style) -> Motion:
    if (style.gains == 1).all() and style.asymmetry == 0 and not style.rest.any():
        return motion
    here = [k for k, name in enumerate(MOUTH) if name in motion.channels]
    names = [MOUTH[k] for k in here]
    shares = phones.at(motion.times)
    free = headroom(shares)[:, here]
    gains = (1 + shares @ (style.gains - 1))[:, REGION_OF] * (1 + style.asymmetry * SIDE)  # (F, 27)
    more, rest = gains[:, here] - 1, style.rest[here]
    more = np.where(more > 0, free * more, more)
    moved = motion.select(names).values * (1 + more) + np.where(rest > 0, free * rest, rest)
    return limit_penetration(motion.with_channels(names, moved.clip(0, 1)), motion)


def _postured(motion: Motion, posture: np.ndarray) -> Motion:
    """Brows higher or lower by so much, at all times."""
    names = [name for name in BROWS if name in motion.channels]
    if not names or not posture.any():
        return motion
    more = posture[[BROWS.index(name) for name in names]]
    return motion.with_channels(names, (motion.select(names).values + more).clip(0, 1))


def _led(motion: Motion, lead: float) -> Motion:
    """Mouth and visemes earlier by so many seconds: what closes lips comes with them.

    By whole frames: between two frames the shortest closures would be blurred.
    """
    lead = round(lead * motion.fps) / motion.fps
    here = [name for name in (*MOUTH, *VISEMES) if name in motion.channels]
    return motion.with_channels(here, motion.select(here).at(motion.times + lead)) if here else motion
