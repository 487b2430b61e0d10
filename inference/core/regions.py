# SPDX-License-Identifier: GPL-3.0-or-later
"""The regions of a face: which channel moves what. Sliders, masks, styles and takes share this one table.

The regions part all 76 channels: each channel is in exactly one. Names are the channels' own (ARKit,
https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation), grouped by what an animator would move
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from .channels import ARKIT, CHANNELS, EYES, HEAD, VISEMES, mirrored
from .errors import StyleError
from .motion import Motion


def _starting(*words: str) -> tuple[str, ...]:
    return tuple(name for name in CHANNELS if name.startswith(words))


# mouthClose takes back what jawOpen parts, so both go together.
REGIONS: dict[str, tuple[str, ...]] = {
    "jaw": ("jawOpen", "jawForward", "jawLeft", "jawRight", "mouthClose"),
    "lips": ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthShrugUpper"),
    "rounding": ("mouthFunnel", "mouthPucker"),
    "corners": (
        *_starting("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch"), "mouthLeft", "mouthRight",
    ),
    "pressing": ("mouthRollLower", "mouthRollUpper", "mouthPressLeft", "mouthPressRight", "mouthShrugLower"),
    "tongue": ("tongueOut",),
    "cheeks": _starting("cheek", "nose"),
    "brows": _starting("brow"),
    "lids": _starting("eyeBlink", "eyeSquint", "eyeWide"),
    "gaze": (*_starting("eyeLook"), *EYES),
    "head": HEAD,
    "visemes": VISEMES,
}  # fmt: skip
MOUTH_REGIONS = ("jaw", "lips", "rounding", "corners", "pressing", "tongue")
WEIGHTS = frozenset(ARKIT + VISEMES)  # what lies in [0, 1]; the others are radians

# Channels of the left half, and their counterparts on the right.
LEFT = tuple(name for name in CHANNELS if "Left" in name and mirrored(name) in CHANNELS)
RIGHT = tuple(mirrored(name) for name in LEFT)


def channels_of(regions: Iterable[str]) -> tuple[str, ...]:
    """All channels of some regions.

    Raises
    ------
    StyleError
        When a region is unknown.
    """
    names: list[str] = []
    for region in regions:
        if region not in REGIONS:
            raise StyleError(f"Expected a region of the face ({', '.join(REGIONS)}), got {region!r}.")
        names += REGIONS[region]
    return tuple(names)


def mixed(before: Motion, after: Motion, weights: Mapping[str, float | np.ndarray]) -> Motion:
    """A blend of two motions, with a weight for each region of the face.

    Parameters
    ----------
    before, after : Motion
        Of the same frames and channels.
    weights : mapping of str to float or ndarray [shape=(F,)]
        Of `after`, in [0, 1], by region; 1 for regions that are not named.

    Returns
    -------
    Motion
        `after` itself where every weight is 1.
    """
    for region, weight in weights.items():
        names = [name for name in channels_of((region,)) if name in after.channels]
        part = np.asarray(weight, np.float32)
        if not names or (part == 1).all():
            continue
        part = part[:, None] if part.ndim else part
        old, new = before.select(names).values, after.select(names).values
        after = after.with_channels(names, old + part * (new - old))
    return after


def scaled(motion: Motion, names: Iterable[str], gain: float | np.ndarray) -> Motion:
    """Some channels made larger or smaller.

    Parameters
    ----------
    motion : Motion
    names : iterable of str
        Channels; those that the motion lacks are left out.
    gain : float or ndarray [shape=(F,)]
        One number, or one for each frame. 1 gives back the same numbers, bit for bit.

    Returns
    -------
    Motion
        Weights in [0, 1].
    """
    present = [name for name in names if name in motion.channels]
    if not present:
        return motion
    factor = np.asarray(gain, np.float32)
    values = motion.select(present).values * (factor[:, None] if factor.ndim else factor)
    return motion.with_channels(present, within(present, values))


def within(names: Iterable[str], values: np.ndarray) -> np.ndarray:
    """Curves [shape=(F, C)] of these channels with weights clipped to [0, 1]; changed in place, and returned."""
    columns = [name in WEIGHTS for name in names]
    values[:, columns] = values[:, columns].clip(0, 1)
    return values
