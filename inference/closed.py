# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that were shut stay shut: whatever styles, sliders and emotions did, p, b and m still close the mouth.

Where lips meet, what parts them goes back to what it was, the jaw too, and mouthClose goes with a jaw that opens less.
And nowhere is one lip pressed past the other further than it was before.
"""

from __future__ import annotations

import numpy as np

from .channels import VISEMES
from .closures import HALF_SHUT, closures
from .layers.closure import CLOSE, HEARD, PARTING, closing
from .motion import Motion

__all__ = ["CLOSE", "keep_closed", "shut"]

_BEGINS = 0.08  # of what is heard, where lips begin to be held shut; they are held wholly at HALF_SHUT
_EASE = 0.04  # s around a closure of a motion in which nothing is heard
_PARTING = (*PARTING, "noseSneerLeft", "noseSneerRight")
# How far apart a channel at 1 brings the lips, where jawOpen is 1: measured on ICT-FaceKit, whose lips are nobody's in
# particular (https://github.com/USC-ICT/ICT-FaceKit); mouthClose lies between its and Apple's.
_APART = {
    "jawOpen": 1.0, "mouthClose": -1.0, "mouthFunnel": 0.37, "mouthPucker": -0.04, "mouthRollLower": -0.085,
    "mouthRollUpper": 0.055, "mouthShrugLower": -0.22, "mouthShrugUpper": 0.16, "mouthPressLeft": -0.04,
    "mouthPressRight": -0.04, "mouthLowerDownLeft": 0.1, "mouthLowerDownRight": 0.1, "mouthUpperUpLeft": 0.12,
    "mouthUpperUpRight": 0.12, "noseSneerLeft": 0.11, "noseSneerRight": 0.11,
}  # fmt: skip
_OPEN_VISEMES = tuple(name for name in VISEMES if name not in (HEARD, "viseme_sil"))
_SOFT = 0.02  # lips give way to each other by so much, in the same unit


def shut(motion: Motion) -> np.ndarray:
    """How far the rule shuts the lips on p, b and m [shape=(F,), float32], in [0, 1]."""
    if HEARD in motion.channels:
        return closing(motion.channel(HEARD)).astype(np.float32)
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


def _keep_closed_visemes(motion: Motion, before: Motion) -> Motion:
    """The same for characters that are driven by visemes: PP as strong as it was, what opens no stronger."""
    names = [n for n in (HEARD, *_OPEN_VISEMES) if n in motion.channels]
    new, old = motion.select(names).values, before.select(names).values
    if HEARD not in names or np.array_equal(new, old):
        return motion
    gone = new - old
    gone[:, 0] = np.minimum(gone[:, 0], 0)
    gone[:, 1:] = np.maximum(gone[:, 1:], 0)
    return motion.with_channels(names, new - _held(before)[:, None] * gone)


def _keep_closed_lips(motion: Motion, before: Motion) -> Motion:
    names = [n for n in _APART if n in motion.channels]
    new, old = motion.select(names).values, before.select(names).values
    if np.array_equal(new, old):
        return motion
    hold = _held(before)[:, None]  # (F, 1)
    parting = np.array([n in _PARTING for n in names], np.float32)
    held = new - hold * parting * np.maximum(new - old, 0)
    if names[:2] == ["jawOpen", "mouthClose"]:
        held[:, :2] = _jaw_and_close(new[:, :2], old[:, :2], hold[:, 0])
    return motion.with_channels(names, _uncrossed(held, old, np.array([_APART[n] for n in names], np.float32)))


def _jaw_and_close(new: np.ndarray, old: np.ndarray, hold: np.ndarray) -> np.ndarray:
    """Values of jawOpen and mouthClose [shape=(F, 2)] that keep the lips as near as they were."""
    (jaw, close), (jaw_before, close_before) = new.T, old.T
    jaw = jaw - hold * np.maximum(jaw - jaw_before, 0)
    needed = close_before + CLOSE * (jaw - jaw_before)
    close = close + hold * np.maximum(needed - close, 0)
    # Further than before, and further than the rule shuts a mouth, lips would cross.
    crossing = np.maximum(np.maximum(CLOSE * jaw, needed), 0)
    return np.stack([jaw, np.clip(np.minimum(close, crossing), 0, 1)], axis=1)


def _uncrossed(new: np.ndarray, old: np.ndarray, apart: np.ndarray) -> np.ndarray:
    """The curves [shape=(F, C)] with as much less of what brings lips together as would press one past the other."""
    beyond = np.minimum(old @ apart, -_SOFT) - new @ apart  # (F,)
    together = np.maximum(-apart, 0)  # (C,)
    added = np.maximum(new - old, 0) * together
    less = np.clip(beyond / np.maximum(added.sum(axis=1), 1e-6), 0, 1)[:, None]
    return new - less * np.where(together > 0, np.maximum(new - old, 0), 0)


def _held(motion: Motion) -> np.ndarray:
    """How far lips are held shut [shape=(F,), float32]: sooner than they are, so that no size slips through."""
    if HEARD not in motion.channels:
        return _around(motion)
    part = np.clip((motion.channel(HEARD) - _BEGINS) / (HALF_SHUT - _BEGINS), 0, 1)
    return (part * part * (3 - 2 * part)).astype(np.float32)


def _around(motion: Motion) -> np.ndarray:
    """1 in the closures of a motion without visemes, eased around them [shape=(F,), float32]."""
    inside = np.flatnonzero(closures(motion).cover(motion.times, 0.5 / motion.fps))
    if len(inside) == 0:
        return np.zeros(motion.frames, np.float32)
    frames = np.arange(motion.frames)
    after = np.searchsorted(inside, frames).clip(0, len(inside) - 1)
    away = np.minimum(np.abs(inside[after] - frames), np.abs(frames - inside[np.maximum(after - 1, 0)]))
    part = np.clip(1 - away / (motion.fps * _EASE), 0, 1)
    return (part * part * (3 - 2 * part)).astype(np.float32)
