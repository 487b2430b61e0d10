# SPDX-License-Identifier: GPL-3.0-or-later
"""Quad topology of the skin: a grid round the head, holes in it, rings of quads that lead into each hole.

Everything is addressed by rings: closed lists of vertex numbers, anticlockwise from outside. A hole of ``wide x high``
cells has a rim of ``2 * (wide + high)`` vertices that starts in the middle of the bottom edge and runs to the left side
of the character first; rims on the right half of the head run the other way round, so that equal places have equal
numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


def rim(wide: int, high: int) -> np.ndarray:
    """Grid steps (column, row) along a rim, from the middle of its bottom edge [shape=(2 * (wide + high), 2)]."""
    half = wide // 2
    bottom = [(c, 0) for c in range(half, wide)]
    side = [(wide, r) for r in range(high)]
    top = [(c, high) for c in range(wide, 0, -1)]
    other = [(0, r) for r in range(high, 0, -1)]
    rest = [(c, 0) for c in range(half)]
    return np.array(bottom + side + top + other + rest)


@dataclass
class Sheet:
    """A mesh under construction: points, quads, a mirror partner for each vertex, and a tag for each face."""

    points: list[np.ndarray] = field(default_factory=list)
    quads: list[np.ndarray] = field(default_factory=list)
    tags: list[np.ndarray] = field(default_factory=list)
    mirror: list[np.ndarray] = field(default_factory=list)
    count: int = 0

    def add(self, points: np.ndarray, mirror: np.ndarray) -> np.ndarray:
        """Append points whose mirror partners are numbered relative to this block; returns their numbers."""
        numbers = np.arange(self.count, self.count + len(points))
        self.points.append(np.asarray(points, dtype=float))
        self.mirror.append(self.count + mirror)
        self.count += len(points)
        return numbers

    def add_pair(self, left: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Append points and their mirror images; returns the numbers of both."""
        n = len(left)
        numbers = self.add(np.concatenate([left, left * (-1, 1, 1)]), np.concatenate([np.arange(n) + n, np.arange(n)]))
        return numbers[:n], numbers[n:]

    def add_quads(self, quads: np.ndarray, tag: int, flip: bool = False) -> None:
        """Append faces; ``flip`` turns them over."""
        quads = np.asarray(quads).reshape(-1, 4)
        self.quads.append(quads[:, ::-1] if flip else quads)
        self.tags.append(np.full(len(quads), tag))

    def connect(self, outer: np.ndarray, inner: np.ndarray, tag: int, flip: bool = False) -> None:
        """Quads between two rings of the same length."""
        quads = np.stack([outer, np.roll(outer, -1), np.roll(inner, -1), inner], axis=1)
        self.add_quads(quads, tag, flip)

    def fill(self, ring: np.ndarray, inside: np.ndarray, wide: int, high: int, tag: int, flip: bool = False) -> None:
        """Close a ring of ``2 * (wide + high)`` vertices with a grid whose inner vertices are given row by row."""
        grid = np.zeros((high + 1, wide + 1), dtype=int)
        steps = rim(wide, high)
        grid[steps[:, 1], steps[:, 0]] = ring
        grid[1:-1, 1:-1] = np.reshape(inside, (high - 1, wide - 1))
        self.add_quads(np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=-1), tag, flip)


def coons(ring: np.ndarray, wide: int, high: int) -> np.ndarray:
    """Inner points of a Coons patch over a ring of points [shape=((wide - 1) * (high - 1), 3)], row by row."""
    grid = np.zeros((high + 1, wide + 1, ring.shape[1]))
    steps = rim(wide, high)
    grid[steps[:, 1], steps[:, 0]] = ring
    u = np.linspace(0, 1, wide + 1)[None, :, None]
    v = np.linspace(0, 1, high + 1)[:, None, None]
    ruled = (1 - v) * grid[:1] + v * grid[-1:] + (1 - u) * grid[:, :1] + u * grid[:, -1:]
    corners = (1 - v) * ((1 - u) * grid[0, 0] + u * grid[0, -1]) + v * ((1 - u) * grid[-1, 0] + u * grid[-1, -1])
    return (ruled - corners)[1:-1, 1:-1].reshape(-1, ring.shape[1])
