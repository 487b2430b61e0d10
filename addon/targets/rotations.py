# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations and locations along a control's own axes, turned into what Blender keys.

That may be a quaternion, axis and angle, or a location along the axes of a parent. Rotations about several axes at once
are read as a rotation vector (its direction is the axis, its length the angle;
https://en.wikipedia.org/wiki/Axis-angle_representation), so their order does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ...inference.core.motion import Motion
from ...inference.retarget.rig import Line, Rig

QUATERNION, AXIS_ANGLE = "QUATERNION", "AXIS_ANGLE"
_AXES = "xyz"
_NONE = 1e-9
_SLIGHT = 0.02  # smaller parts of an axis are noise of a bone that was placed by hand
_SENSE = {"pitch": (0, 1.0), "roll": (1, -1.0), "yaw": (2, -1.0)}  # world axis, and the sign of a positive turn


@dataclass(frozen=True, eq=False)
class AxisRig(Rig):
    """A rig of controls such as ``head rotation_x``, some of which are keyed as a quaternion or along other axes.

    Parameters
    ----------
    lines : sequence of Line
        Their targets end in the axis.
    keyed : mapping of str to str or ndarray [shape=(3, 3)]
        For a group such as ``head rotation`` its rotation mode, QUATERNION or AXIS_ANGLE; for one such as
        ``lip location`` the matrix from the control's own axes to those in which it is keyed. Groups that are not here
        are keyed without change.
    """

    keyed: Mapping[str, str | np.ndarray] = field(default_factory=dict)

    @property
    def controls(self) -> tuple[str, ...]:
        """The numbers that are keyed, each once; ``head rotation_w`` is the first of a quaternion, or the angle."""
        return tuple(name for group, names in self._groups() for name in self._keyed_names(group, names))

    @property
    def direct_lines(self) -> tuple[Line, ...]:
        """The lines of groups that are keyed without change."""
        return tuple(line for line in self.lines if line.target.rpartition("_")[0] not in self.keyed)

    def retarget(self, motion: Motion) -> np.ndarray:
        """Values of the controls [shape=(F, T), float32] of a motion."""
        plain = Rig(self.lines)
        columns = dict(zip(plain.controls, plain.retarget(motion).T, strict=True))
        none = np.zeros(motion.frames, np.float32)
        values = [np.zeros((motion.frames, 0), np.float32)]
        for group, names in self._groups():
            how = self.keyed.get(group)
            if how is None:
                values.append(np.stack([columns[name] for name in names], axis=1))
                continue
            vectors = np.stack([columns.get(f"{group}_{axis}", none) for axis in _AXES], axis=1).astype(float)
            if isinstance(how, str):
                vectors = quaternions(vectors) if how == QUATERNION else axes_and_angles(vectors)
            else:
                vectors = vectors @ how.T
            values.append(vectors.astype(np.float32))
        return np.hstack(values)

    def _groups(self) -> Iterator[tuple[str, list[str]]]:
        """Groups such as ``head rotation``, each with the names of those of its axes that lines move."""
        groups: dict[str, list[str]] = {}
        for name in Rig(self.lines).controls:
            groups.setdefault(name.rpartition("_")[0], []).append(name)
        yield from groups.items()

    def _keyed_names(self, group: str, names: list[str]) -> list[str]:
        how = self.keyed.get(group)
        if how is None:
            return names
        return [f"{group}_{axis}" for axis in ("wxyz" if isinstance(how, str) else _AXES)]


def renamed(line: Line, name: str, before: Sequence[Line]) -> Line:
    """A line with the name of the number it moves as its target.

    A scale is 1 at rest: the first of its lines, none of which is in `before`, adds that 1, and the range of all of
    them is shifted by it.
    """
    if not line.kind.startswith("scale"):
        return replace(line, target=name)
    first = not any(other.target == name for other in before)
    return replace(line, target=name, offset=line.offset + first, low=line.low + 1, high=line.high + 1)


def rotation_lines(obj_axes: np.ndarray, channels: Mapping[str, str], name: str, use: bool) -> Iterator[Line]:
    """Lines by which channels nod, turn and tilt a control, whichever way its own axes point.

    Parameters
    ----------
    obj_axes : ndarray [shape=(3, 3)]
        The axes of the control at rest, in columns; the character faces -Y, and Z is up.
    channels : mapping of str to str
        For each channel "pitch", "yaw" or "roll".
    name : str
        Of the control.
    use : bool
        Whether the lines are on.
    """
    for channel, turn in channels.items():
        axis, sense = _SENSE[turn]
        for gain, letter in zip((obj_axes.T[:, axis] * sense).round(3).tolist(), _AXES, strict=True):
            if abs(gain) > _SLIGHT:
                yield Line(channel, name, gain, low=-1.5, high=1.5, use=use, kind=f"rotation_{letter}")


def quaternions(vectors: np.ndarray) -> np.ndarray:
    """Rotation vectors [shape=(F, 3)] as quaternions, w first [shape=(F, 4)]."""
    half = np.linalg.norm(vectors, axis=1, keepdims=True) / 2
    return np.hstack([np.cos(half), vectors / 2 * np.sinc(half / np.pi)])


def axes_and_angles(vectors: np.ndarray) -> np.ndarray:
    """Rotation vectors [shape=(F, 3)] as angle and axis [shape=(F, 4)]; the axis never flips from row to row."""
    angles = np.linalg.norm(vectors, axis=1)
    turning = np.flatnonzero(angles > _NONE)
    if not len(turning):
        return np.tile([0.0, 0.0, 1.0, 0.0], (len(vectors), 1))  # Blender's own rest
    last = np.maximum.accumulate(np.where(angles > _NONE, np.arange(len(vectors)), -1))
    last = np.where(last < 0, turning[0], last)  # before the first turn, the axis it will have
    axes = vectors[last] / angles[last, None]
    first = np.sign(axes[0, np.abs(axes[0]).argmax()])
    flips = np.where((axes[1:] * axes[:-1]).sum(axis=1) < 0, -1.0, 1.0)
    signs = first * np.cumprod(np.concatenate([[1.0], flips]))
    return np.hstack([(angles * signs)[:, None], axes * signs[:, None]])
