# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the parts of a head are after a bake, against its makers' formula for them: rest + sum of weight x shape.

The weights are the take's on each frame, by a table of names written here; nothing of what moved the head is asked.
"""

from __future__ import annotations

import bpy
import numpy as np
from proof_heads import Head

CLOSE = {"ICT": 0.88, "MPFB": 1.0}  # share of mouthClose that shuts the lips of a head, against Apple's
_HALVES = ("browInnerUp", "cheekPuff")


def channel_of(shape: str) -> str:
    """The ARKit channel that a shape of one of the two heads stands for; "" for those that rest."""
    if shape.startswith(("Basis", "viseme_", "PupilDilate", "cheekRaiser")):
        return ""
    stem, side = (shape[:-2], shape[-1]) if shape[-2:] in ("_L", "_R") else (shape, "")
    return stem if not side or stem in _HALVES else stem + {"L": "Left", "R": "Right"}[side]


def wanted(head: Head, now: dict[str, float]) -> np.ndarray:
    """Where the vertices of the head belong while channels stand at these values [shape=(V, 3)], metres."""
    points = head.points.astype(np.float64)
    for shape, move in head.shapes.items():
        weight = np.clip(now.get(channel_of(shape), 0.0), 0.0, 1.0)
        points += (CLOSE[head.name] if shape == "mouthClose" else 1.0) * weight * move
    return points


def numbers(head: Head, part: str) -> np.ndarray:
    """The vertex numbers that a part's mesh was made of, in its order."""
    used = np.unique(head.faces[head.parts[part][0]])
    return used[used >= 0]


def shown(head: Head) -> np.ndarray:
    """Where Blender shows the vertices at the scene's frame [shape=(V, 3)], in the space of the head's objects."""
    points = head.points.astype(np.float64)
    graph = bpy.context.evaluated_depsgraph_get()
    for part in head.parts:
        mesh = bpy.data.objects[f"{head.name} {part}"].evaluated_get(graph).data
        flat = np.empty(3 * len(mesh.vertices), np.float32)
        mesh.vertices.foreach_get("co", flat)
        points[numbers(head, part)] = flat.reshape(-1, 3)
    return points


def trajectory(head: Head, frames: range) -> np.ndarray:
    """What Blender shows on some frames [shape=(F, V, 3)]."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found.append(shown(head))
    return np.array(found, np.float32)


def lips(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of the upper and the lower lip that are nearest to one another at rest, in the middle of the mouth."""
    face = numbers(head, "Face")
    drop = head.shapes["jawOpen"][face]
    upper = face[(np.abs(drop).max(axis=1) < 0.004) & (np.abs(head.points[face, 0]) < 0.012)]
    lower = face[drop[:, 2] < -0.006]
    away = np.linalg.norm(head.points[upper][:, None] - head.points[lower][None], axis=2)
    near = away.min(axis=1) < 0.004
    return upper[near], lower[away.argmin(axis=1)[near]]


def parting(head: Head, points: np.ndarray) -> np.ndarray:
    """How far lips are parted, metres, 0 being as at rest [points shape=(F, V, 3)]."""
    upper, lower = lips(head)
    gap = points[:, upper, 2] - points[:, lower, 2]
    return (gap - (head.points[upper, 2] - head.points[lower, 2])).mean(axis=1)


def drop(head: Head, points: np.ndarray, part: str) -> np.ndarray:
    """How far a part has gone down from where it rests, metres, mean over its vertices [points shape=(F, V, 3)]."""
    which = numbers(head, part)
    return (head.points[which, 2] - points[:, which, 2]).mean(axis=1)


def follows(head: Head, points: np.ndarray, part: str, jaw: np.ndarray) -> float:
    """How well a part goes with the jaw: the correlation of how far it is down with jawOpen [shape=(F,)]."""
    return float(np.corrcoef(drop(head, points, part), jaw)[0, 1])
