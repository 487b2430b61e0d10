# SPDX-License-Identifier: GPL-3.0-or-later
"""FLAME itself: identity, expression and pose to vertices, by linear blend skinning in NumPy.

    v = template + S [identity, expression] + P vec(R_neck - I, R_jaw - I, R_left - I, R_right - I)
    joints = J (template + S [identity, expression])
    v' = sum over joints of weight * G_joint v

as in SMPL (Loper et al. 2015, https://doi.org/10.1145/2816795.2818013) with the five joints root, neck, jaw, left eye,
right eye. Metres; x to the head's own left, y up, z forward.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.errors import MotionError, RigError
from .parameters import Parameters
from .read import JOINTS, VERTICES, read_arrays

ROOT, NECK, JAW, LEFT_EYE, RIGHT_EYE = range(JOINTS)
IDENTITY = 300  # of the 400 directions of the released files; the 100 after them are the expression
CHUNK = 32  # frames skinned at once: few enough to stay in the processor's cache


@dataclass(frozen=True, eq=False)
class FlameModel:
    """The arrays of one FLAME file, ready to be posed.

    Parameters
    ----------
    template : ndarray [shape=(5023, 3), float32]
        The mean head, metres.
    faces : ndarray [shape=(9976, 3), int32]
        Triangles.
    identity, expression : ndarray [shape=(n, 5023, 3), float32]
        Offset for one unit of each coefficient.
    pose : ndarray [shape=(36, 5023, 3), float32]
        Offset for one unit of each element of ``R - I``: neck, jaw, left eye, right eye.
    regressor : ndarray [shape=(5, 5023), float64]
        Joints from vertices.
    weights : ndarray [shape=(5023, 5), float32]
        How much each vertex goes with each joint.
    parents : tuple of int
        The joint that each joint hangs on; -1 for the root.
    """

    template: np.ndarray
    faces: np.ndarray
    identity: np.ndarray
    expression: np.ndarray
    pose: np.ndarray
    regressor: np.ndarray
    weights: np.ndarray
    parents: tuple[int, ...]

    @classmethod
    def load(cls, path: str | os.PathLike[str], identity: int | None = None) -> FlameModel:
        """Read a FLAME file.

        Parameters
        ----------
        path : str or PathLike
            ``.pkl`` or ``.npz``.
        identity : int, optional
            How many of the directions are identity; the rest is expression. By default 300, which released files have.

        Raises
        ------
        RigError
            When it is no FLAME file, damaged, or its directions cannot be told apart.
        """
        arrays = read_arrays(path)
        directions = np.moveaxis(arrays["shapedirs"], 2, 0).astype(np.float32)
        split = IDENTITY if identity is None else identity
        if not 0 <= split < len(directions):
            raise RigError(
                f"Expected more than {split} shape directions in '{path}' (identity first, then expression), got "
                f"{len(directions)}. Give the whole file, or say how many of them are identity."
            )
        parents = tuple(int(p) if 0 <= p < JOINTS else -1 for p in arrays["kintree_table"][0].astype(np.int64))
        if parents != (-1, 0, 1, 1, 1):
            raise RigError(f"Expected FLAME's joints (root, neck, jaw, eyes) in '{path}', got parents {parents}.")
        return cls(
            arrays["v_template"].astype(np.float32),
            arrays["f"].astype(np.int32),
            np.ascontiguousarray(directions[:split]),
            np.ascontiguousarray(directions[split:]),
            np.ascontiguousarray(np.moveaxis(arrays["posedirs"], 2, 0).astype(np.float32)),
            arrays["J_regressor"].astype(np.float64),
            arrays["weights"].astype(np.float32),
            parents,
        )

    @cached_property
    def joints(self) -> np.ndarray:
        """Joints of the template [shape=(5, 3), float64]."""
        return self.regressor @ self.template.astype(np.float64)

    def neutral(self, shape: np.ndarray | None = None) -> np.ndarray:
        """The head at rest with identity coefficients [shape=(n,)]; (5023, 3) float32."""
        if shape is None:
            return self.template
        shape = np.asarray(shape, np.float32)
        if shape.ndim != 1 or len(shape) > len(self.identity):
            raise MotionError(
                f"Expected up to {len(self.identity)} identity coefficients, got an array {shape.shape}. Average them "
                "over the frames, or use the FLAME file they were made with."
            )
        return self.template + np.tensordot(shape, self.identity[: len(shape)], 1)

    def vertices(self, parameters: Parameters) -> np.ndarray:
        """The mesh in every frame [shape=(F, 5023, 3), float32]."""
        moved = np.empty((parameters.frames, VERTICES, 3), np.float32)
        done = 0
        for part in self.chunks(parameters):
            moved[done : done + len(part)] = part
            done += len(part)
        return moved

    def chunks(self, parameters: Parameters) -> Iterator[np.ndarray]:
        """The mesh a few frames at a time, for takes that memory does not hold [each shape=(f, 5023, 3), float32]."""
        count = parameters.expression.shape[1]
        if count > len(self.expression):
            raise MotionError(
                f"Expected up to {len(self.expression)} expression coefficients, as this FLAME file has, got {count}. "
                "Use the file they were made with."
            )
        rest = self.neutral(parameters.shape)
        neutral = np.ascontiguousarray(rest.T)  # (3, V): planes of x, y, z
        bones = self.regressor @ rest.astype(np.float64)
        bone_moves = np.einsum("jv,evc->ejc", self.regressor, self.expression[:count], optimize=True)
        basis = self._planes(count)
        for start in range(0, parameters.frames, CHUNK):
            rows = slice(start, start + CHUNK)
            turns = parameters.turns[rows]  # (f, 5, 3, 3)
            expression = parameters.expression[rows]
            joints = bones + np.tensordot(expression.astype(np.float64), bone_moves, 1)  # (f, 5, 3)
            posed = (turns[:, 1:] - np.eye(3)).reshape(len(turns), -1)
            code = np.concatenate([expression, posed], axis=1, dtype=np.float32)
            planes = (code @ basis).reshape(len(code), 3, VERTICES) + neutral
            yield self._skinned(planes, _transforms(turns, joints, self.parents), parameters.translation[rows])

    def _planes(self, count: int) -> np.ndarray:
        """Expression and pose directions as rows of planes [shape=(count + 36, 3 * 5023)]."""
        directions = np.concatenate([self.expression[:count], self.pose])
        return np.ascontiguousarray(directions.transpose(0, 2, 1).reshape(len(directions), -1))

    @cached_property
    def _weight_rows(self) -> np.ndarray:
        return np.ascontiguousarray(self.weights.T)  # (5, V)

    def _skinned(self, planes: np.ndarray, transforms: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """Every vertex by the blend of its joints' transforms [shape=(f, 5023, 3)]."""
        moved = np.empty((len(planes), VERTICES, 3), np.float32)
        x, y, z = planes[:, 0], planes[:, 1], planes[:, 2]
        for axis in range(3):
            row = transforms[:, :, axis].astype(np.float32)  # (f, 5, 4)
            row[:, :, 3] += shift[:, None, axis]
            blend = row.transpose(0, 2, 1) @ self._weight_rows  # (f, 4, V)
            blend[:, 0] *= x
            blend[:, 1] *= y
            blend[:, 2] *= z
            moved[:, :, axis] = blend.sum(axis=1)
        return moved


def _transforms(turns: np.ndarray, joints: np.ndarray, parents: tuple[int, ...]) -> np.ndarray:
    """From the rest to each frame, for each joint [shape=(f, 5, 3, 4)]."""
    rotation = turns.astype(np.float64).copy()
    place = joints.copy()  # where each joint is once its parents have turned
    for joint, parent in enumerate(parents):
        if parent >= 0:
            rotation[:, joint] = rotation[:, parent] @ rotation[:, joint]
            arm = joints[:, joint] - joints[:, parent]
            place[:, joint] = place[:, parent] + (rotation[:, parent] @ arm[..., None])[..., 0]
    shift = place - (rotation @ joints[..., None])[..., 0]
    return np.concatenate([rotation, shift[..., None]], axis=-1)
