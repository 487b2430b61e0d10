# SPDX-License-Identifier: GPL-3.0-or-later
"""Tracked face landmarks: which MediaPipe point is what, and how head motion is taken out of them.

Numbers are MediaPipe Face Mesh's (468 points and ten iris points,
https://github.com/google-ai-edge/mediapipe/blob/master/mediapipe/modules/face_geometry/data/canonical_face_model_uv_visualization.png).
Points come in video pixels, x right, y down, z away from the camera. Here they are turned at once into a head's axes:
x to the character's own left, y up, z out of the face, with the distance between the outer eye corners as the unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core import rotations

OUTER_EYES = (33, 263)

# Points on the skull that speech does not move: nose bridge, eye corners, temples, the top of the forehead.
STABLE = (168, 6, 197, 195, 33, 133, 362, 263, 127, 356, 234, 454, 162, 389, 21, 251, 10, 109, 338)

# Upper and lower inner lip, from the person's own right (78 side) to left (308 side), corners left out.
INNER_UPPER = (191, 80, 81, 82, 13, 312, 311, 310, 415)
INNER_LOWER = (95, 88, 178, 87, 14, 317, 402, 318, 324)

# Upper and lower lid: three pairs each.
LIDS_RIGHT = ((160, 144), (159, 145), (158, 153))
LIDS_LEFT = ((387, 373), (386, 374), (385, 380))
CORNERS_RIGHT, CORNERS_LEFT = (33, 133), (362, 263)
IRIS_RIGHT, IRIS_LEFT = 468, 473

# Solved for. Lips: outer upper line from the right corner to the left one, outer lower line, inner ones.
LIPS = (
    61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 146, 91, 181, 84, 17, 314, 405, 321, 375,
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 95, 88, 178, 87, 14, 317, 402, 318, 324,
)  # fmt: skip
CHIN = (18, 200, 199, 175, 152, 148, 377)
NOSE = (2, 97, 326)
BROWS = (70, 63, 105, 66, 107, 300, 293, 334, 296, 336)


@dataclass(frozen=True, eq=False)
class Tracks:
    """Landmarks of one clip.

    Parameters
    ----------
    points : ndarray [shape=(F, L, 3)]
        Pixels as tracked, or head axes once :func:`stabilise` made them.
    index : tuple of int
        MediaPipe number of each of the L points.
    fps : float
        Frame k was exposed at (k + 0.5) / fps seconds.
    """

    points: np.ndarray
    index: tuple[int, ...]
    fps: float

    def __post_init__(self) -> None:
        if self.points.ndim != 3 or self.points.shape[1:] != (len(self.index), 3):
            raise ValueError(f"Expected points of shape (F, {len(self.index)}, 3), got {self.points.shape}.")

    def columns(self, numbers) -> list[int]:
        """Where these MediaPipe numbers stand among the L points."""
        place = {number: column for column, number in enumerate(self.index)}
        return [place[number] for number in numbers]

    def at(self, numbers) -> np.ndarray:
        """The points with these MediaPipe numbers: (F, len(numbers), 3)."""
        return self.points[:, self.columns(numbers)]


@dataclass(frozen=True, eq=False)
class Stabilised:
    """One clip with the head held still.

    Parameters
    ----------
    face : Tracks
        Points in head axes, in outer-eye distances, nose bridge at the origin.
    rotation : ndarray [shape=(F, 3, 3)]
        From the person's template to each frame.
    """

    face: Tracks
    rotation: np.ndarray


def template(tracks: list[Tracks], rounds: int = 3) -> np.ndarray:
    """Mean shape of a person's stable points, (S, 3), by generalised Procrustes analysis, facing +z upright.

    The mean orientation over all frames is what counts as looking straight ahead.
    """
    points = np.concatenate([t.at(STABLE) for t in tracks]).astype(np.float64) * (1, -1, -1)
    eyes = [STABLE.index(number) for number in OUTER_EYES]
    mean = points[0]
    for _ in range(rounds):
        scale, rotation, shift = rotations.similarity(mean, points)
        back = np.einsum("fji,fsj->fsi", rotation, points - shift[:, None]) / scale[:, None, None]
        mean = back.mean(0)
        mean /= np.linalg.norm(mean[eyes[1]] - mean[eyes[0]])
    mean = mean @ rotations.mean(rotations.similarity(mean, points)[1]).T
    return mean - mean[STABLE.index(168)]


def stabilise(tracks: Tracks, mean: np.ndarray) -> Stabilised:
    """Take scale, place and rotation of the head out of a clip.

    Parameters
    ----------
    tracks : Tracks
        As tracked, in pixels.
    mean : ndarray [shape=(S, 3)]
        The person's :func:`template`.
    """
    points = tracks.points.astype(np.float64) * (1, -1, -1)
    scale, rotation, shift = rotations.similarity(mean, points[:, tracks.columns(STABLE)])
    face = np.einsum("fji,fsj->fsi", rotation, points - shift[:, None]) / scale[:, None, None]
    return Stabilised(Tracks(face, tracks.index, tracks.fps), rotation)
