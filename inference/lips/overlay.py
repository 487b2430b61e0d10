# SPDX-License-Identifier: GPL-3.0-or-later
"""What is laid over a whole take, such as an emotion, gives way where lips meet: channel by channel, and gently.

`constraint.constrain` takes an edit back at once and, where lips would cross, with it the whole mouth. That is right
for edits of speech, which come and go with every phoneme. An emotion stays for seconds: taken back within a frame, it
would make nose and cheeks jump at every p, b and m. So here a channel gives way only as far as it parts or crosses lips
itself, and it begins so early and ends so late that nobody sees it jump.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from ..core.motion import Motion
from . import gap_table
from .closing import AJAR, HELD
from .contacts import LipContacts
from .crossing import TOGETHER, given_up, least_openings

# Weight per second by which an overlay moves at most where it gives way, 0.14 from frame to frame at 25 per second; of
# this, what giving way has at least, however fast the overlay moves by itself.
FASTEST, LEAST = 3.5, 1.0
_ROUNDED = 0.04  # s before and after a corner over which it is rounded
# How much further than before lips may be pressed past each other where they were already, by an overlay, and by
# mouthClose that makes up for it, and how far either may press them at all; as in `crossing`.
_FURTHER, _FIRMER = 0.005, 0.0075
_PAST, _FIRMEST = 0.012, 0.014
_OPENING = ("jawOpen", *HELD)


def constrain_overlay(laid: Motion, before: Motion, contacts: LipContacts, take: Motion) -> Motion:
    """The motion with lips that meet as they met before, and cross nowhere.

    Parameters
    ----------
    laid : Motion
        The motion with something over it.
    before : Motion
        The same frames and channels without it; its lips meet.
    contacts : LipContacts
        Of the same frames.
    take : Motion
        The same frames and channels before all edits: tells how far lips are pressed past each other anyway.

    Returns
    -------
    Motion
        `laid` itself where it leaves the mouth alone.
    """
    names = [name for name in gap_table.CHANNELS if name in before.channels]
    new, old = laid.select(names).values, before.select(names).values
    if np.array_equal(new, old):
        return laid
    apart = gap_table.heights(names)  # (C, 18)
    openings = old @ apart
    # What is added to each channel, then what is taken from it, at least 0; and what 1 of it does to the openings.
    parts, heights = np.hstack([new - old, old - new]).clip(0), np.vstack([apart, -apart])  # (F, 2 C), (2 C, 18)
    opens = _added(names, _OPENING)
    left = _without(parts, parts * opens * contacts.hold[:, None], laid.fps)
    pressed = take.select(names).values @ apart
    room = least_openings(pressed, _FURTHER, _PAST) - openings
    for may in (_added(names, TOGETHER), np.ones(len(heights), bool)):
        left = _uncrossed(left, heights, room, may, laid.fps)
    # What else parts lips a little in contacts, such as cheeks, mouthClose makes up for.
    opened = openings + left @ heights
    ajar = openings + left[:, ~opens] @ heights[~opens] - np.maximum(openings, 0)
    ajar = ajar[:, gap_table.MIDDLE].max(axis=1, keepdims=True)
    close = contacts.hold[:, None] * np.clip(ajar, 0, AJAR) * ("mouthClose" in names)  # (F, 1)
    closer = gap_table.heights(["mouthClose"])  # (1, 18)
    close -= given_up(
        close, closer, np.maximum(least_openings(pressed, _FIRMER, _FIRMEST) - opened - close @ closer, 0)
    )
    added, taken = np.hsplit(parts - left, 2)  # what is given up of both
    values = new - added + taken + close * (np.array(names) == "mouthClose")
    return laid.with_channels(names, values.clip(0, 1))


def _added(names: list[str], which: tuple[str, ...]) -> np.ndarray:
    """Which parts add to one of these channels [shape=(2 C,), bool]."""
    return np.array([name in which for name in names] + [False] * len(names))


def _uncrossed(parts: np.ndarray, heights: np.ndarray, room: np.ndarray, may: np.ndarray, fps: float) -> np.ndarray:
    """The parts [shape=(F, P)] less what of some goes so that all of them add `room` [shape=(F, 18)] at least."""
    gone = np.zeros_like(parts)
    gone[:, may] = given_up(parts[:, may], heights[may], np.maximum(room - parts @ heights, 0))
    return _without(parts, gone, fps)


def _without(parts: np.ndarray, gone: np.ndarray, fps: float) -> np.ndarray:
    """The parts less what is to go [all shape=(F, P)], and less what goes before and after it so that none jumps."""
    left, moves = parts.copy(), gone.any(axis=0)
    own = np.abs(np.diff(parts[:, moves], axis=0, prepend=parts[:1, moves])) * fps
    eased = _eased(gone[:, moves], np.maximum(FASTEST - own, LEAST) / fps, round(_ROUNDED * fps))
    left[:, moves] -= np.minimum(eased, parts[:, moves])
    return left


def _eased(curves: np.ndarray, steps: np.ndarray, reach: int) -> np.ndarray:
    """Curves that are nowhere lower, rise and fall no more than in steps of this size, and have round corners.

    Parameters
    ----------
    curves : ndarray [shape=(F, M)]
    steps : ndarray [shape=(F, M)]
        The largest step to each frame from the one before.
    reach : int
        Frames before and after a corner over which it is rounded.
    """
    slope = np.cumsum(_around(steps, reach, np.min), axis=0, dtype=np.float64)
    wide = _around(curves, reach, np.max)  # so that rounding takes nothing away
    after = np.maximum.accumulate(wide + slope) - slope
    before = np.maximum.accumulate((wide - slope)[::-1])[::-1] + slope
    window = np.hanning(2 * reach + 3)[1:-1]
    return _around(np.maximum(after, before), reach, partial(np.average, weights=window))


def _around(curves: np.ndarray, reach: int, what: Callable[..., np.ndarray]) -> np.ndarray:
    """What a function makes of every frame and those up to `reach` before and after it [shape=(F, M)]."""
    padded = np.pad(curves, ((reach, reach), (0, 0)), mode="edge")
    return what(np.stack([padded[k : k + len(curves)] for k in range(2 * reach + 1)]), axis=0)
