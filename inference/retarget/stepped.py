# SPDX-License-Identifier: GPL-3.0-or-later
"""A stepped rig: it shows one drawing of a mouth at a time, each for a minimum time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..core.motion import Motion
from ..core.timeline import Timeline
from .drawings import HOLD, Mouth, mouths_of, schedule
from .rig import Line, Rig

_CLOSE = 1e-4  # frames


@dataclass(frozen=True, eq=False)
class SteppedRig(Rig):
    """Drawings of a mouth, of which one is shown at a time.

    Parameters
    ----------
    lines : sequence of Line
        The target of each is a drawing. Its channel is a viseme that the drawing stands for, or `drawings.JAW`, whose
        gain says how far the drawing is open.
    values : dict of str to dict of str to float
        Control to the value it has while each drawing is shown; 0 where none is given.
    hold : float
        Seconds for which a drawing is shown at least.
    """

    values: dict[str, dict[str, float]]
    hold: float = HOLD

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls that together show one drawing."""
        return tuple(self.values)

    @property
    def stepped(self) -> np.ndarray:
        """True for all of the controls [shape=(T,), bool]."""
        return np.ones(len(self.values), bool)

    @property
    def neutral(self) -> np.ndarray:
        """NaN [shape=(T,), float32]: there is always some drawing, so none is neutral."""
        return np.full(len(self.values), np.nan, np.float32)

    @property
    def direct_lines(self) -> tuple[Line, ...]:
        """No lines: they say what a drawing stands for, not how a control is keyed."""
        return ()

    @property
    def mouths(self) -> tuple[Mouth, ...]:
        """The drawings that the lines describe."""
        return mouths_of(self.lines)

    def evaluate(self, motion: Motion, timeline: Timeline, frames: np.ndarray, between: bool = False) -> np.ndarray:
        """Values of the controls [shape=(F, T), float32] on frames of a scene; between two, those of the first.

        Which drawing is shown on a frame depends on the whole take, so one is chosen for every whole frame of it at
        once, and preview, bake, a bake of a range and a retake all show the same.
        """
        first, values = _whole_take(self, motion, timeline)
        return values[np.clip(np.floor(frames + _CLOSE).astype(np.intp) - first, 0, len(values) - 1)]

    def retarget(self, motion: Motion) -> np.ndarray:
        """Values of the controls [shape=(F, T), float32] on the motion's own frames."""
        return self.values_at(motion, motion.times)

    def values_at(self, motion: Motion, times: np.ndarray) -> np.ndarray:
        """Values of the controls [shape=(n, T), float32] from each second until the next; see `drawings.schedule`."""
        mouths = self.mouths
        table = [[drawn.get(mouth.name, 0.0) for drawn in self.values.values()] for mouth in mouths]
        return np.array(table, np.float32)[schedule(motion, mouths, times, self.hold)]


@lru_cache(maxsize=16)  # a preview asks at every frame
def _whole_take(rig: SteppedRig, motion: Motion, timeline: Timeline) -> tuple[int, np.ndarray]:
    """The first whole frame of a take, and the values on it and all after it [shape=(n, T)]."""
    first, last = timeline.whole_frames(motion.start, motion.end)
    return first, rig.values_at(motion, timeline.seconds(np.arange(first, last + 1)))
