# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames that the artist wants as they are: kept exactly, while everything around them is made to fit.

A pin is a Motion: all of its frames are kept, from its first to its last moment, for the channels it has.
"""

from __future__ import annotations

import math

import numpy as np

from .channels import ARKIT, CHANNELS, LIVE_LINK
from .errors import MotionError
from .features import MOTION_FPS
from .motion import Motion

FADE = 0.16  # s around pinned frames in which layers come and go

_EASE = round(FADE * MOTION_FPS)  # frames
_CLOSE = 1e-6  # s


class Pins:
    """Pinned frames on the model's own grid of 50 frames per second.

    Parameters
    ----------
    pins : Motion
        Any of ``CHANNELS``, any frame rate; its start is in seconds of the sound.
    seconds : float
        Length of the sound.

    Raises
    ------
    MotionError
        When a channel is unknown, or the frames lie outside the sound.
    """

    def __init__(self, pins: Motion, seconds: float) -> None:
        unknown = [name for name in pins.channels if name not in CHANNELS]
        if unknown:
            raise MotionError(
                f"Expected pins in channels such as jawOpen, got {', '.join(unknown[:5])}. Rename or remove them."
            )
        if pins.end < 0 or pins.start > seconds:
            raise MotionError(
                f"Expected pins within the sound, which lasts {seconds:.2f} s, got frames from {pins.start:.2f} s to "
                f"{pins.end:.2f} s. The start of pins counts from the start of the sound."
            )
        # The nearest frames, so that a single one that falls between two of the model's is seen as well.
        self._first = math.ceil(pins.start * MOTION_FPS - 0.5)
        last = max(math.floor(pins.end * MOTION_FPS + 0.5), self._first)
        self._columns = [LIVE_LINK.index(name) for name in pins.channels if name in LIVE_LINK]
        kept = pins.at(np.arange(self._first, last + 1) / MOTION_FPS)
        self._values = kept[:, [name in LIVE_LINK for name in pins.channels]]  # (F, C)

    def window(self, first: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Pinned values, 0 elsewhere, and where they are, of frames from `first` on [both shape=(count, 61)]."""
        values = np.zeros((count, len(LIVE_LINK)), dtype=np.float32)
        pinned = np.zeros(values.shape, dtype=bool)
        begin, end = max(first, self._first), min(first + count, self._first + len(self._values))
        if begin < end:
            inside = slice(begin - first, end - first)
            values[inside, self._columns] = self._values[begin - self._first : end - self._first]
            pinned[inside, self._columns] = True
        return values, pinned


class Seams:
    """How drawn motion meets pinned frames: where the policy does not lead into a pin and out of it, this does.

    What it misses a pin by is spread over the frames before the pin. Where a pin ends far from what is drawn next, the
    difference is let go over 160 ms.
    """

    def __init__(self) -> None:
        self._was = np.zeros(len(LIVE_LINK), dtype=bool)  # whether the frame before was pinned
        self._gap = np.zeros(len(LIVE_LINK), dtype=np.float32)  # between the end of a pin and what was drawn next
        self._since = np.full(len(LIVE_LINK), _EASE)  # frames since

    def join(
        self, motion: np.ndarray, pins: np.ndarray, pinned: np.ndarray, last: np.ndarray, executed: int
    ) -> np.ndarray:
        """The first frames of a trajectory, pinned ones exactly and the others as they fit.

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
            Weights in [0, 1] but where pinned otherwise.
        """
        out = motion.copy()
        if pinned.any() or self._was.any() or (self._since < _EASE).any():
            self._let_go(out[:executed], pins, pinned, last)
            for channel in np.flatnonzero(pinned.any(axis=0)):
                kept = np.flatnonzero(pinned[:, channel])
                missed = pins[kept, channel] - out[kept, channel]
                out[:, channel] += np.interp(np.arange(len(out)), [-1, *kept], [0, *missed], right=0)
        weights = slice(0, len(ARKIT))
        out[:, weights] = out[:, weights].clip(0, 1)
        return np.where(pinned, pins, out)[:executed]

    def _let_go(self, motion: np.ndarray, pins: np.ndarray, pinned: np.ndarray, last: np.ndarray) -> None:
        """Add to the motion, in place, what is left of the gaps at the ends of pins."""
        for frame, held, row in zip(motion, pinned, pins, strict=False):
            leaving = self._was & ~held
            self._gap = np.where(leaving, last - frame, self._gap)
            self._since = np.where(leaving, 0, np.minimum(self._since + 1, _EASE))
            frame += self._gap * _fading(self._since)
            last, self._was = np.where(held, row, frame), held


def spare(layered: Motion, plain: Motion, pins: Motion) -> Motion:
    """What layers made of `plain`, but nothing of it on pinned frames, and gradually less towards them."""
    away = np.maximum(pins.start - plain.times, plain.times - pins.end)  # (F,) s, below 0 where pinned
    part = _eased(away / FADE)[:, None]
    before, after = plain.select(pins.channels).values, layered.select(pins.channels).values
    return layered.with_channels(pins.channels, before + part * (after - before))


def write_over(motion: Motion, pins: Motion) -> Motion:
    """The motion with every frame that lies within the pins' time exactly as pinned."""
    inside = (motion.times >= pins.start - _CLOSE) & (motion.times <= pins.end + _CLOSE)
    values = motion.select(pins.channels).values.copy()
    values[inside] = pins.at(motion.times[inside])
    return motion.with_channels(pins.channels, values)


def _eased(part: np.ndarray) -> np.ndarray:
    """From 0 to 1 with level ends [float32]."""
    part = np.clip(part, 0, 1)
    return (part * part * (3 - 2 * part)).astype(np.float32)


def _fading(since: np.ndarray) -> np.ndarray:
    """What is left of a gap so many frames after the first free one [float32]; nothing after `_EASE` frames."""
    return 1 - _eased((since + 1) / (_EASE + 1))
