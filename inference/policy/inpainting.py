# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins: frames that the artist wants as they are. They are kept exactly, and everything around them is made to fit.

A pin is a Motion: all of its frames are kept, from its first to its last moment, for the channels it has. There may be
several, such as what comes before and what comes after the frames that are to be made anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from ..core.channels import ARKIT, CHANNELS, LIVE_LINK
from ..core.curves import runs, smoothstep
from ..core.errors import MotionError
from ..core.motion import Motion
from ..core.timing import MOTION_FPS

FADE = 0.16  # s around pinned frames in which layers come and go

_EASE = round(FADE * MOTION_FPS)  # frames
_CLOSE = 1e-6  # s


def pinned_parts(pins: Motion | Sequence[Motion] | None) -> tuple[Motion, ...]:
    """The pins one by one, in order of time; none for None.

    Raises
    ------
    MotionError
        When a channel is unknown, or two of them have the same channel at the same time.
    """
    parts = () if pins is None else (pins,) if isinstance(pins, Motion) else tuple(pins)
    unknown = [name for part in parts for name in part.channels if name not in CHANNELS]
    if unknown:
        raise MotionError(
            f"Expected pins in channels such as jawOpen, got {', '.join(unknown[:5])}. Rename or remove them."
        )
    parts = tuple(sorted(parts, key=lambda part: part.start))
    for first, second in combinations(parts, 2):
        both = [name for name in first.channels if name in second.channels]
        if both and second.start <= first.end + _CLOSE:
            raise MotionError(
                f"Expected pins that do not overlap, got {both[0]} from {first.start:.2f} s to {first.end:.2f} s and "
                f"again from {second.start:.2f} s. Shorten one of them, or join them."
            )
    return parts


class Pins:
    """Pinned frames on the model's own grid of 50 frames per second.

    Parameters
    ----------
    pins : Motion or sequence of Motion
        Any of ``CHANNELS``, any frame rate; their starts are in seconds of the sound. They must not overlap.
    seconds : float
        Length of the sound.

    Raises
    ------
    MotionError
        When a channel is unknown, pins overlap, or the frames lie outside the sound.
    """

    def __init__(self, pins: Motion | Sequence[Motion], seconds: float) -> None:
        parts = pinned_parts(pins)
        for part in parts:
            if part.end < 0 or part.start > seconds:
                raise MotionError(
                    f"Expected pins within the sound, which lasts {seconds:.2f} s, got frames from {part.start:.2f} s "
                    f"to {part.end:.2f} s. The start of pins counts from the start of the sound."
                )
        self._stretches = [_Stretch(part) for part in parts]

    def window(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Values from frame `first` on, 0 where nothing is pinned, and what is pinned [both shape=(count, 61)]."""
        values = np.zeros((count, len(LIVE_LINK)), dtype=np.float32)
        pinned = np.zeros(values.shape, dtype=bool)
        for stretch in self._stretches:
            stretch.lay(values, pinned, first)
        return values, pinned


class _Stretch:
    """One pin on the model's grid."""

    def __init__(self, pin: Motion) -> None:
        # The nearest frames, so that a single one that falls between two of the model's is seen as well.
        self._first = math.ceil(pin.start * MOTION_FPS - 0.5)
        last = max(math.floor(pin.end * MOTION_FPS + 0.5), self._first)
        self._columns = [LIVE_LINK.index(name) for name in pin.channels if name in LIVE_LINK]
        kept = pin.at(np.arange(self._first, last + 1) / MOTION_FPS)
        self._values = kept[:, [name in LIVE_LINK for name in pin.channels]]  # (F, C)

    def lay(self, values: np.ndarray, pinned: np.ndarray, first: int) -> None:
        """Write what falls into a window that begins at frame `first`, in place."""
        begin, end = max(first, self._first), min(first + len(values), self._first + len(self._values))
        if begin < end:
            inside = slice(begin - first, end - first)
            values[inside, self._columns] = self._values[begin - self._first : end - self._first]
            pinned[inside, self._columns] = True


class SeamBlend:
    """Seams between drawn motion and pinned frames: jumps that the policy leaves there are blended.

    A jump into a pin is spread over the drawn frames before it. A jump out of a pin fades over 160 ms after it.
    """

    def __init__(self) -> None:
        self._was = np.zeros(len(LIVE_LINK), dtype=bool)  # whether the frame before was pinned
        self._gap = np.zeros(len(LIVE_LINK), dtype=np.float32)  # between the end of a pin and what was drawn next
        self._since = np.full(len(LIVE_LINK), _EASE)  # frames since

    def join(
        self, motion: np.ndarray, pins: np.ndarray, pinned: np.ndarray, last: np.ndarray, executed: int
    ) -> np.ndarray:
        """The first frames of a trajectory: pinned ones exactly, the others blended into them.

        Parameters
        ----------
        motion, pins, pinned : ndarray [shape=(n, 61)]
            The trajectory as drawn, and the pins in its time.
        last : ndarray [shape=(61,)]
            The frame before.
        executed : int
            How many frames are wanted.

        Returns
        -------
        ndarray [shape=(executed, 61), float32]
            Weights in [0, 1], except where pinned outside of it.
        """
        out = motion.copy()
        if pinned.any() or self._was.any() or (self._since < _EASE).any():
            self._let_go(out, pins, pinned, last, executed)
            for channel in np.flatnonzero(pinned.any(axis=0)):
                out[:, channel] += _lead(pins[:, channel] - out[:, channel], pinned[:, channel])
        weights = slice(0, len(ARKIT))
        out[:, weights] = out[:, weights].clip(0, 1)
        return np.where(pinned, pins, out)[:executed]

    def _let_go(
        self, motion: np.ndarray, pins: np.ndarray, pinned: np.ndarray, last: np.ndarray, executed: int
    ) -> None:
        """Add to the motion, in place, what is left of the gaps at the ends of pins."""
        was, gap, since = self._was, self._gap, self._since
        for number, (frame, held, row) in enumerate(zip(motion, pinned, pins, strict=True)):
            leaving = was & ~held
            gap = np.where(leaving, last - frame, gap)
            since = np.where(leaving, 0, np.minimum(since + 1, _EASE))
            frame += gap * _fading(since)
            last, was = np.where(held, row, frame), held
            if number == executed - 1:
                self._was, self._gap, self._since = was, gap, since


def _lead(missed: np.ndarray, pinned: np.ndarray) -> np.ndarray:
    """What to add to one channel of a trajectory, so that it leads into each pin that begins in it [shape=(n,)]."""
    begins, ends = runs(pinned).T  # of each run of pinned frames: its first, and the one after its last
    at = np.stack([begins, ends - 1 + 1e-6], axis=1).ravel()  # from the end of a run on: the gap is let go there
    add = np.stack([missed[begins], 0 * missed[begins]], axis=1).ravel()
    return np.interp(np.arange(len(missed)), [-1, *at], [0, *add])


def fade_near_pins(layered: Motion, plain: Motion, pins: Motion | Sequence[Motion]) -> Motion:
    """The motion `layered`, but `plain`, the one without layers, on pinned frames, and eased into it towards them."""
    for pin in pinned_parts(pins):
        away = np.maximum(pin.start - plain.times, plain.times - pin.end)  # (F,) s, below 0 where pinned
        part = _eased(away / FADE)[:, None]
        before, after = plain.select(pin.channels).values, layered.select(pin.channels).values
        layered = layered.with_channels(pin.channels, before + part * (after - before))
    return layered


def overwrite(motion: Motion, pins: Motion | Sequence[Motion]) -> Motion:
    """The motion with every frame that lies within the time of a pin exactly as pinned."""
    for pin in pinned_parts(pins):
        inside = (motion.times >= pin.start - _CLOSE) & (motion.times <= pin.end + _CLOSE)
        values = motion.select(pin.channels).values.copy()
        values[inside] = pin.at(motion.times[inside])
        motion = motion.with_channels(pin.channels, values)
    return motion


def _eased(part: np.ndarray) -> np.ndarray:
    """From 0 to 1 with level ends [float32]."""
    return smoothstep(part).astype(np.float32)


def _fading(since: np.ndarray) -> np.ndarray:
    """How much of a gap is left [float32] so many frames after the first free one; 0 after `_EASE` frames."""
    return 1 - _eased((since + 1) / (_EASE + 1))
