# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that were shut stay shut: whatever styles, sliders and emotions did, p, b and m still close the mouth.

Where lips meet, what parts them goes back to what it was, the jaw too, and mouthClose goes with a jaw that opens less.
And nowhere is one lip pressed past the other by half a millimetre more than it was before, on heads as `lip_gaps` knows
them.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import VISEMES
from ..core.curves import smoothstep
from ..core.motion import Motion
from . import gap_table
from .closing import BILABIAL_VISEME, CLOSE, PARTING, closing
from .contacts import HALF_SHUT, closures

__all__ = ["CLOSE", "keep_closed", "shut", "uncrossed"]

_BEGINS = 0.08  # of what is heard, where lips begin to be held shut; they are held wholly at HALF_SHUT
_EASE = 0.04  # s around a closure of a motion in which nothing is heard
_PARTING = (*PARTING, "noseSneerLeft", "noseSneerRight")
# What may be taken back where lips would cross: what is there to bring them together.
_TOGETHER = (
    "mouthClose", "mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
)  # fmt: skip
_OPEN_VISEMES = tuple(name for name in VISEMES if name not in (BILABIAL_VISEME, "viseme_sil"))
_AJAR = 0.05  # at most so much more mouthClose where lips that are held were parted
_NONE = 1e-6
# Of the way that a jaw parts lips, 3.3 cm: so far they may be pressed past each other, and so much further where they
# were further already.
_PAST, _FURTHER = 0.013, 0.0025


def shut(motion: Motion) -> np.ndarray:
    """How far the rule shuts the lips on p, b and m [shape=(F,), float32], in [0, 1]."""
    if BILABIAL_VISEME in motion.channels:
        return closing(motion.channel(BILABIAL_VISEME)).astype(np.float32)
    return _around(motion)


def keep_closed(motion: Motion, before: Motion) -> Motion:
    """Shut again what was shut.

    Parameters
    ----------
    motion : Motion
        With sizes changed; of the same frames and channels as `before`.
    before : Motion
        As generated: where lips are shut in it, and how.

    Returns
    -------
    Motion
        `motion` itself where the mouth was not touched.
    """
    return _keep_closed_visemes(_keep_closed_lips(motion, before), before)


def uncrossed(motion: Motion, before: Motion) -> Motion:
    """The motion with lips pressed past each other hardly further than in another one of the same frames and channels.

    Where lips are shut or open is none of its business: it is for what comes before the layer `closure`.
    """
    names = [n for n in gap_table.CHANNELS if n in motion.channels]
    new, old = motion.select(names).values, before.select(names).values
    if np.array_equal(new, old):
        return motion
    free = np.zeros((motion.frames, 1), np.float32)
    return motion.with_channels(names, _uncrossed(new, old, names, free).clip(0, 1))


def _keep_closed_visemes(motion: Motion, before: Motion) -> Motion:
    """The same for characters that are driven by visemes: PP as strong as it was, what opens no stronger."""
    names = [n for n in (BILABIAL_VISEME, *_OPEN_VISEMES) if n in motion.channels]
    new, old = motion.select(names).values, before.select(names).values
    if BILABIAL_VISEME not in names or np.array_equal(new, old):
        return motion
    gone = new - old
    gone[:, 0] = np.minimum(gone[:, 0], 0)
    gone[:, 1:] = np.maximum(gone[:, 1:], 0)
    return motion.with_channels(names, new - _held(before)[:, None] * gone)


def _keep_closed_lips(motion: Motion, before: Motion) -> Motion:
    names = [n for n in gap_table.CHANNELS if n in motion.channels]
    new, old = motion.select(names).values, before.select(names).values
    if np.array_equal(new, old):
        return motion
    hold = _held(before)[:, None]  # (F, 1)
    parting = np.array([n in _PARTING for n in names], np.float32)
    held = new - hold * parting * np.maximum(new - old, 0)
    if names[:2] == ["jawOpen", "mouthClose"]:
        held[:, :2] = _jaw_and_close(new[:, :2], old[:, :2], hold[:, 0])
    return motion.with_channels(names, _uncrossed(held, old, names, hold).clip(0, 1))


def _jaw_and_close(new: np.ndarray, old: np.ndarray, hold: np.ndarray) -> np.ndarray:
    """Values of jawOpen and mouthClose [shape=(F, 2)] that keep the lips as near as they were."""
    (jaw, close), (jaw_before, close_before) = new.T, old.T
    jaw = jaw - hold * np.maximum(jaw - jaw_before, 0)
    needed = close_before + CLOSE * (jaw - jaw_before)
    close = close + hold * np.maximum(needed - close, 0)
    # Further than before, and further than the rule shuts a mouth, lips would cross.
    crossing = np.maximum(np.maximum(CLOSE * jaw, needed), 0)
    return np.stack([jaw, np.clip(np.minimum(close, crossing), 0, 1)], axis=1)


def _uncrossed(new: np.ndarray, old: np.ndarray, names: list[str], hold: np.ndarray) -> np.ndarray:
    """The curves [shape=(F, C)] with as much less of what brings lips together as would press one past the other.

    What is new of it goes first. Then, as where what parts the lips was taken away, the rest, but not where lips are
    held shut: what parts them a little there, such as a smile, eyes or rolled lips, mouthClose takes back. Where lips
    cross still, all of the mouth goes back towards what it was.
    """
    apart = gap_table.heights(names)  # (C, 18)
    least = np.minimum(old @ apart - _FURTHER, -gap_table.AT_REST - _PAST)  # (F, 18)
    may = [k for k, name in enumerate(names) if name in _TOGETHER]
    new = new.copy()
    new[:, may] = _less(new, np.maximum(new[:, may] - old[:, may], 0), least, apart, may)
    if "mouthClose" in names:
        ajar = (new @ apart - np.maximum(old @ apart, 0))[:, gap_table.MIDDLE].max(axis=1)
        new[:, names.index("mouthClose")] += hold[:, 0] * np.clip(ajar, 0, _AJAR)
    new[:, may] = _less(new, (1 - hold) * new[:, may], least, apart, may)
    share = (least - new @ apart) / np.maximum((old - new) @ apart, _NONE)
    return new + np.clip(share, 0, 1).max(axis=1, keepdims=True) * (old - new)


def _less(new: np.ndarray, part: np.ndarray, least: np.ndarray, apart: np.ndarray, may: list[int]) -> np.ndarray:
    """Some channels with so much less of a part of them [both shape=(F, M)] that no opening is below `least`.

    A channel gives way where it brings lips together, and only there.
    """
    beyond = np.maximum(least - new @ apart, 0)  # (F, 18)
    together = np.maximum(-apart[may], 0)  # (M, 18)
    share = np.minimum(beyond / np.maximum(part @ together, _NONE), 1)
    gives = [share[:, row > 0].max(axis=1) for row in together]
    return new[:, may] - part * np.array(gives, np.float32).reshape(part.T.shape).T


def _held(motion: Motion) -> np.ndarray:
    """How far lips are held shut [shape=(F,), float32]: sooner than they are, so that no size slips through."""
    if BILABIAL_VISEME not in motion.channels:
        return _around(motion)
    return smoothstep(motion.channel(BILABIAL_VISEME), _BEGINS, HALF_SHUT).astype(np.float32)


def _around(motion: Motion) -> np.ndarray:
    """1 in the closures of a motion without visemes, eased around them [shape=(F,), float32]."""
    inside = np.flatnonzero(closures(motion).cover(motion.times, 0.5 / motion.fps))
    if len(inside) == 0:
        return np.zeros(motion.frames, np.float32)
    frames = np.arange(motion.frames)
    after = np.searchsorted(inside, frames).clip(0, len(inside) - 1)
    away = np.minimum(np.abs(inside[after] - frames), np.abs(frames - inside[np.maximum(after - 1, 0)]))
    return smoothstep(1 - away / (motion.fps * _EASE)).astype(np.float32)
