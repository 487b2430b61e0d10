# SPDX-License-Identifier: GPL-3.0-or-later
"""A separate mesh inside the head: eyeball, teeth, tongue, brows, lashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Piece:
    """Points in millimetres, faces, and the name of the material of each face."""

    points: np.ndarray  # (n, 3)
    faces: np.ndarray  # (m, 4), -1 ends a triangle
    materials: np.ndarray  # (m,) str

    def mirrored(self) -> Piece:
        """The same piece on the other side of the head."""
        return Piece(self.points * (-1, 1, 1), turned_over(self.faces), self.materials)


def joined(pieces: list[Piece]) -> Piece:
    """Several pieces as one."""
    starts = np.cumsum([0] + [len(p.points) for p in pieces[:-1]])
    faces = [np.where(p.faces < 0, -1, p.faces + start) for p, start in zip(pieces, starts, strict=True)]
    return Piece(
        np.concatenate([p.points for p in pieces]),
        np.concatenate(faces),
        np.concatenate([p.materials for p in pieces]),
    )


def tube(rings: np.ndarray, material: str) -> Piece:
    """A tube through rings of points [shape=(k, n, 3)], closed by fans of triangles, its faces turned outwards."""
    count, around = rings.shape[:2]
    number = np.arange(count * around).reshape(count, around)
    right = np.roll(number, -1, axis=1)
    quads = np.stack([number[:-1], right[:-1], right[1:], number[1:]], axis=-1).reshape(-1, 4)
    first, last = count * around, count * around + 1
    points = np.concatenate([rings.reshape(-1, 3), rings[[0, -1]].mean(axis=1)])
    pad = np.full(around, -1)
    begin = np.stack([right[0], number[0], np.full(around, first), pad], axis=1)
    end = np.stack([number[-1], right[-1], np.full(around, last), pad], axis=1)
    faces = np.concatenate([quads, begin, end])
    if volume(points, faces) < 0:
        faces = turned_over(faces)
    return Piece(points, faces, np.full(len(faces), material))


def turned_over(faces: np.ndarray) -> np.ndarray:
    """The same faces seen from the other side."""
    triangle = faces[:, 3] == -1
    flipped = faces[:, ::-1].copy()
    flipped[triangle] = np.roll(flipped[triangle], -1, axis=1)
    return flipped


def volume(points: np.ndarray, faces: np.ndarray) -> float:
    """Signed volume inside a closed mesh; positive when its faces are anticlockwise from outside."""
    quad = faces[:, 3] >= 0
    corners = np.concatenate([faces[:, :3], faces[quad][:, [0, 2, 3]]])
    a, b, c = (points[corners[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)
