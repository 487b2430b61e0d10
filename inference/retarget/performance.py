# SPDX-License-Identifier: GPL-3.0-or-later
"""Several lines of a character on one timeline, as the values of its controls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.curves import smoothstep
from ..core.motion import Motion
from ..core.timeline import Timeline
from .rig import Rig


@dataclass(frozen=True, eq=False)
class Placed:
    """A line where it lies on the timeline.

    Parameters
    ----------
    motion : Motion
        From rest to rest.
    timeline : Timeline
        Which second of it lies on which frame.
    lead : float
        Seconds at its beginning in which it takes over from a line that goes on, and at its end in which it gives back.
    beneath : bool
        Whether it lies below all other lines, wherever it begins, and is held before and after: what a face does while
        it does not speak. There is one at most.
    """

    motion: Motion
    timeline: Timeline
    lead: float
    beneath: bool = False

    @property
    def begin(self) -> float:
        """Frame at which the line leaves rest; may lie between whole ones."""
        return self.timeline.frame(self.motion.start)

    @property
    def end(self) -> float:
        """Frame at which it is back at rest."""
        return self.timeline.frame(self.motion.end)

    @property
    def whole_frames(self) -> tuple[int, int]:
        """First and last of the whole frames that it needs."""
        return self.timeline.whole_frames(self.motion.start, self.motion.end)

    def meets(self, other: Placed) -> bool:
        """Whether there is a frame on which both lines move; what lies beneath does on every one."""
        return self.beneath or other.beneath or (self.begin < other.end and other.begin < self.end)

    def moves(self, frames: np.ndarray) -> np.ndarray:
        """Whether the line moves on each frame [shape=(F,), bool]; what lies beneath does on every one."""
        return self.beneath | (frames > self.begin) & (frames < self.end)

    def share(self, frames: np.ndarray) -> np.ndarray:
        """How far the line has taken over on each frame [shape=(F,)], in [0, 1]."""
        return smoothstep(np.minimum(frames - self.begin, self.end - frames) / (self.lead * self.timeline.fps))


def evaluate(rig: Rig, lines: Sequence[Placed], frames: np.ndarray, between: bool = False) -> np.ndarray:
    """Values of the controls on frames of a scene; of one line alone what `Rig.evaluate` gives.

    Where lines overlap, the one that begins later takes over from the other within its lead.

    Parameters
    ----------
    rig : Rig
    lines : sequence of Placed
        At least one, in any order.
    frames : ndarray [shape=(F,)]
    between : bool
        As in `Rig.evaluate`.

    Returns
    -------
    ndarray [shape=(F, T), float32]
    """
    heard = [line for line in lines if line.beneath or ((frames[-1] > line.begin) and (frames[0] < line.end))] or [
        lines[0]
    ]
    heard.sort(key=lambda line: (not line.beneath, line.begin))
    values = rig.evaluate(heard[0].motion, heard[0].timeline, frames, between)
    covered = heard[0].moves(frames)
    for line in heard[1:]:
        inside = np.flatnonzero(line.moves(frames))
        if len(inside):
            over = rig.evaluate(line.motion, line.timeline, frames[inside], between)
            crossed = _over(rig, values[inside], over, line.share(frames[inside])[:, None])
            values[inside] = np.where(covered[inside, None], crossed, over)
            covered[inside] = True
    return values


class Played:
    """Lines as values of controls, frame after frame, as a preview asks for them.

    One frame takes as long as thirty. Whole frames are evaluated some at a time, and kept.

    Parameters
    ----------
    rig : Rig
    lines : sequence of Placed
        As of `evaluate`.
    """

    _STRETCH = 32  # frames

    def __init__(self, rig: Rig, lines: Sequence[Placed]) -> None:
        self.rig, self.lines = rig, tuple(lines)
        self._stretches: dict[int, np.ndarray] = {}

    def at(self, frame: float) -> np.ndarray:
        """Values of the controls on a frame [shape=(T,), float32], which may lie between whole ones."""
        if frame != round(frame):
            return evaluate(self.rig, self.lines, np.array([frame]))[0]
        number, row = divmod(round(frame), self._STRETCH)
        if number not in self._stretches:
            first = number * self._STRETCH
            self._stretches[number] = evaluate(self.rig, self.lines, np.arange(first, first + self._STRETCH))
        return self._stretches[number][row]


def _over(rig: Rig, below: np.ndarray, above: np.ndarray, share: np.ndarray) -> np.ndarray:
    """One line over another: what the lower one still adds to a face at rest fades out."""
    added = above + (1 - share) * (below - rig.neutral)
    stepped = rig.stepped & np.ones_like(below, bool)
    return np.where(stepped, np.where(share < 0.5, below, above), added).astype(np.float32)
