# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back through a mapping: from the values of a character's controls to channels, by least squares.

`Rig.retarget` adds up lines; here the channels are sought whose lines add up to what the controls show. Where one
control is moved by one channel alone, its curve is undone exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..core.channels import ARKIT, VISEMES
from ..core.errors import RigError
from ..core.motion import Motion
from .rig import Line

DOUBT = 1e-3  # of the ridge: a channel that hardly moves anything stays at rest

_ARKIT, _VISEMES = frozenset(ARKIT), frozenset(VISEMES)


def channels_of(
    lines: Sequence[Sequence[Line]], values: Sequence[np.ndarray], fps: float, start: float = 0.0
) -> Motion:
    """The channels that best explain the values of some controls.

    Parameters
    ----------
    lines : sequence of sequences of Line
        The lines of each data-block of a character, those that are on, as in its `Rig`.
    values : sequence of ndarray [shape=(F, T), float32]
        For each of these the values of its controls, in the order of `Rig.controls`.
    fps, start : float
        Rate of the frames, and seconds of the first.

    Returns
    -------
    Motion
        The channels that the lines read, weights in [0, 1].

    Raises
    ------
    RigError
        When there are no lines.
    """
    channels = tuple(dict.fromkeys(line.channel for block in lines for line in block))
    if not channels:
        raise RigError("Expected a character that speech can drive, but nothing of it is mapped. See Mapping.")
    rows, shown = [], []
    for block, seen in zip(lines, values, strict=True):
        targets = tuple(dict.fromkeys(line.target for line in block))
        for column, target in enumerate(targets):
            own = [line for line in block if line.target == target and line.gain != 0]
            if own:
                row, value = _equation(own, channels, seen[:, column].astype(np.float64))
                rows.append(row)
                shown.append(value)
    if not rows:
        raise RigError("Expected a mapping that moves something, but every gain is 0. See Mapping.")
    matrix, right = np.array(rows), np.stack(shown)  # (T, C), (T, F)
    gram = matrix.T @ matrix + DOUBT * np.eye(len(channels))
    solved = np.linalg.solve(gram, matrix.T @ right).T * (1 + DOUBT)  # (F, C); exact where a channel is alone
    weights = [name in _ARKIT or name in _VISEMES for name in channels]
    solved[:, weights] = solved[:, weights].clip(0, 1)
    return Motion(solved.astype(np.float32), channels, fps, start)


def _equation(lines: Sequence[Line], channels: Sequence[str], shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gain of each channel on one control, and the control's values, both over its largest gain."""
    size = max(abs(line.gain) for line in lines)
    row = np.zeros(len(channels))
    for line in lines:
        row[channels.index(line.channel)] += line.gain / size
    left = (shown - sum(line.offset for line in lines)) / size
    if len(lines) == 1:
        left = _straight(left / row[channels.index(lines[0].channel)], lines[0]) * row[channels.index(lines[0].channel)]
    return row, left


def _straight(values: np.ndarray, line: Line) -> np.ndarray:
    """Values with the curve of a line undone."""
    if line.curve == "linear":
        return values
    size = np.abs(values)
    if line.curve == "power":
        return np.sign(values) * size ** (1 / line.power)
    return np.sign(values) * (0.5 - np.sin(np.arcsin(1 - 2 * size.clip(0, 1)) / 3))  # of 3 x^2 - 2 x^3
