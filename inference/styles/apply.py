# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying a style to motion: a pure function, cheap enough to be run again while a slider is dragged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..core.channels import MOUTH, VISEMES, mirrored
from ..core.curves import smoothstep
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.regions import REGIONS as FACE
from ..core.regions import scaled, within
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
LASTS = {"brows": 0.5, "head": 2.0}  # s that a take takes to go over from a context into its own; gaze as the head
LEAST = 0.5  # smaller gains are not undone: the context would move more than what the policy was trained on


def apply_style(motion: Motion, phones: Phonemes, style: Style) -> Motion:
    """The motion in this style, before lips are shut on p, b and m (`lips.constraint.constrain`).

    Parameters
    ----------
    motion : Motion
        Any of ``CHANNELS``, at any frame rate: what the model generated, before `apply_layers`.
    phones : Phonemes
        Posteriors of the same sound.
    style : Style
        The neutral style returns the motion as it is. Slots are not applied here: the model has used them already.

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
    """The context of a style with the style itself undone: what the model has to see, so that `apply_style` gives the
    frames of the reference again; None where the style has no context.

    It is undone only so far: gains below `LEAST` count as `LEAST`, and values stay within `LARGEST_TURN`.
    """
    if style.context is None:
        return None
    context = _postured(style.context, -style.posture)
    for region in ("brows", "head", "gaze"):
        context = scaled(context, FACE[region], 1 / max(getattr(style, region), LEAST))
    return replace(context, values=context.values.clip(-LARGEST_TURN, LARGEST_TURN))


def begun(motion: Motion, context: Motion) -> Motion:
    """The motion begun where a context ends: what the two are apart at first goes in half a second (brows) or two."""
    names = [name for name in context.channels if name in motion.channels]
    apart = context.select(names).values[-1] - motion.select(names).values[0]
    lasts = np.array([LASTS["brows" if name in FACE["brows"] else "head"] for name in names])
    left = 1 - smoothstep(motion.times[:, None] / lasts)
    return motion.with_channels(names, within(names, motion.select(names).values + (apart * left).astype(np.float32)))


def headroom(posteriors: np.ndarray) -> np.ndarray:
    """How far a style may enlarge each channel of ``MOUTH`` [shape=(F, 27), in [0, 1]] at these posteriors (F, 40).

    Where lips meet for p, b and m only the channels that press them together may grow: lips that just meet must not
    part because a jaw is opened further.
    """
    shut = closing_soon(posteriors[:, BILABIAL_COLUMNS].sum(axis=1))[:, None]
    return np.where(PRESSES, 1.0, 1.0 - shut).astype(np.float32)


def _articulated(motion: Motion, phones: Phonemes, style: Style) -> Motion:
    """The mouth with the gains, asymmetry and rest of a style."""
    if (style.gains == 1).all() and style.asymmetry == 0 and not style.rest.any():
        return motion
    columns = [k for k, name in enumerate(MOUTH) if name in motion.channels]
    names = [MOUTH[k] for k in columns]
    posteriors = phones.at(motion.times)
    free = headroom(posteriors)[:, columns]
    gains = (1 + posteriors @ (style.gains - 1))[:, REGION_OF] * (1 + style.asymmetry * SIDE)  # (F, 27)
    more, rest = gains[:, columns] - 1, style.rest[columns]
    more = np.where(more > 0, free * more, more)
    moved = motion.select(names).values * (1 + more) + np.where(rest > 0, free * rest, rest)
    return limit_penetration(motion.with_channels(names, moved.clip(0, 1)), motion)


def _postured(motion: Motion, posture: np.ndarray) -> Motion:
    """The motion with the posture of a style added to the brows, at all times."""
    names = [name for name in BROWS if name in motion.channels]
    if not names or not posture.any():
        return motion
    more = posture[[BROWS.index(name) for name in names]]
    return motion.with_channels(names, (motion.select(names).values + more).clip(0, 1))


def _led(motion: Motion, lead: float) -> Motion:
    """Mouth and visemes earlier by `lead` seconds: visemes too, since they say where lips are closed.

    The lead is rounded to whole frames: between two frames the shortest closures would be blurred.
    """
    lead = round(lead * motion.fps) / motion.fps
    names = [name for name in (*MOUTH, *VISEMES) if name in motion.channels]
    return motion.with_channels(names, motion.select(names).at(motion.times + lead)) if names else motion
