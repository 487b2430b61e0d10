# SPDX-License-Identifier: GPL-3.0-or-later
"""The type of every head: a neutral mesh, its parts and colours, and one linear offset per channel.

``vertices = neutral + sum(weight * offset)``, then eyes and head turn as rigid bodies. That is exactly what shape keys
do in Blender, so a preview made here and a baked character agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..core.channels import ARKIT, VISEMES
from ..core.errors import RigError
from ..core.motion import Motion
from ..core.rotations import upright


@dataclass(frozen=True)
class Material:
    """A flat description of a surface: linear RGB in [0, 1] and roughness in [0, 1]."""

    name: str
    color: tuple[float, float, float]
    roughness: float = 0.5


@dataclass(frozen=True)
class Part:
    """A contiguous run of vertices and of faces: ``neutral[vertices]``, ``faces[polygons]``."""

    vertices: slice
    polygons: slice


@dataclass(frozen=True, eq=False)
class FaceModel:
    """A head that curves can move.

    Parameters
    ----------
    name : str
        Shown to the artist.
    neutral : ndarray [shape=(V, 3), float32]
        Metres; +X is the character's left, -Y the front, +Z up.
    faces : ndarray [shape=(N, 4), int32]
        Quads, anticlockwise from outside; a triangle ends in -1.
    parts : mapping of str to Part
        ``skin``, ``eye_left``, ``eye_right``, ``teeth_upper``, ``teeth_lower``, ``tongue``, ``brows``, ...
    shapes : mapping of str to ndarray [shape=(V, 3), float32]
        Offsets from the neutral, by channel name.
    materials : tuple of Material
        What `face_material` points into.
    face_material : ndarray [shape=(N,), int32]
        The material of each face.
    colors : ndarray [shape=(V, 3), float32]
        Linear RGB of each vertex: the materials' colours with soft borders, for renderers that can show them.
    eye_centers : ndarray [shape=(2, 3), float32]
        Left and right pivot, metres.
    neck : ndarray [shape=(3,), float32]
        The pivot of head rotation, metres.

    Raises
    ------
    RigError
        When arrays, parts or shapes do not fit together.
    """

    name: str
    neutral: np.ndarray
    faces: np.ndarray
    parts: Mapping[str, Part]
    shapes: Mapping[str, np.ndarray]
    materials: tuple[Material, ...]
    face_material: np.ndarray
    colors: np.ndarray
    eye_centers: np.ndarray
    neck: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.neutral)
        for name, array in {"neutral": self.neutral, "colors": self.colors, **self.shapes}.items():
            if array.shape != (count, 3):
                raise RigError(f"Expected {name} to have {count} vertices of 3 numbers, got an array {array.shape}.")
            if not np.isfinite(array).all():
                raise RigError(f"Expected finite numbers in {name}, got NaN or infinity. Repair that mesh first.")
            array.flags.writeable = False
        if self.faces.ndim != 2 or self.faces.shape[1] != 4 or self.faces.min() < -1 or self.faces.max() >= count:
            raise RigError(
                f"Expected faces of shape (N, 4) with vertex numbers below {count}, got {self.faces.shape} "
                f"with numbers up to {self.faces.max()}."
            )
        if len(self.face_material) != len(self.faces):
            raise RigError(f"Expected one material per face ({len(self.faces)}), got {len(self.face_material)}.")
        self.faces.flags.writeable = self.face_material.flags.writeable = False

    def vertices(self, motion: Motion) -> np.ndarray:
        """The mesh in every frame.

        A motion that holds both ARKit weights and visemes says the same thing twice; the visemes are used only where
        there are no ARKit weights. Likewise, where the motion turns the eyes by angles (``leftEyeYaw`` ...), eyeLook
        shapes move the lids but not the eyeballs. Channels this head does not know are ignored.

        Returns
        -------
        ndarray [shape=(F, V, 3), float32]
            Metres.
        """
        has_arkit = any(name in ARKIT for name in motion.channels)
        names = [n for n in motion.channels if n in self.shapes and not (has_arkit and n in VISEMES)]
        moved = np.broadcast_to(self.neutral, (motion.frames, *self.neutral.shape)).copy()
        if names:
            offsets = np.stack([self.shapes[n] for n in names]).reshape(len(names), -1)  # (C, V*3)
            weights = motion.select(names).values  # (F, C)
            moved += (weights @ offsets).reshape(moved.shape)
        self._turn_eyes(moved, motion)
        self._turn_head(moved, motion)
        return moved

    def _turn_eyes(self, moved: np.ndarray, motion: Motion) -> None:
        for side, center in zip(("left", "right"), self.eye_centers, strict=True):
            angles = _angles(motion, f"{side}Eye")
            if angles is None or f"eye_{side}" not in self.parts:
                continue
            ball = self.parts[f"eye_{side}"].vertices
            moved[:, ball] = _turned(self.neutral[None, ball], upright(*angles), center)

    def _turn_head(self, moved: np.ndarray, motion: Motion) -> None:
        angles = _angles(motion, "head")
        if angles is not None:
            moved[:] = _turned(moved, upright(*angles), self.neck)


def _turned(points: np.ndarray, matrices: np.ndarray, pivot: np.ndarray) -> np.ndarray:
    return ((points - pivot) @ matrices.transpose(0, 2, 1) + pivot).astype(np.float32)  # (F, V, 3)


def _angles(motion: Motion, prefix: str) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    names = [f"{prefix}{axis}" for axis in ("Yaw", "Pitch", "Roll")]
    present = [n in motion.channels for n in names]
    if not any(present):
        return None
    zero = np.zeros(motion.frames)
    curves = [motion.channel(n).astype(np.float64) if has else zero for n, has in zip(names, present, strict=True)]
    return (curves[0], curves[1], curves[2]) if any(c.any() for c in curves) else None
