# SPDX-License-Identifier: GPL-3.0-or-later
"""The ICT head on which training targets are solved and results are measured. Training only; never shipped.

ICT-FaceKit: Li et al., "Learning Formation of Physically-Based Face Attributes" (CVPR 2020),
https://github.com/USC-ICT/ICT-FaceKit, MIT licence. Its 57 shapes follow ARKit with ``_L`` / ``_R`` for the sides;
browInnerUp and cheekPuff are one shape in ARKit and two there, tongueOut it has not, and pupil dilation and
cheekRaiser have no ARKit name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facewright.inference.capture.head import MarkedHead
from facewright.inference.core.channels import ARKIT
from facewright.models.training.heads.distances import EYE_VERTICES, SUBSET, VERTICES, eye_distance, from_mesh

# MediaPipe number -> ICT vertex. Fixed by the 68-point list published with ICT-FaceKit where a MediaPipe point means
# the same; the other lip, chin and cheek points lie on the shortest edge path between two of those, at the same
# fraction of its length as on the mean tracked face. Left follows right by the mesh's own mirror symmetry.
LIPS = {
    61: 5708, 185: 5601, 40: 5634, 39: 5720, 37: 6043, 0: 0, 267: 6547, 269: 6225, 270: 6139, 409: 6106, 291: 6213,
    146: 5890, 91: 5826, 181: 5870, 84: 5976, 17: 5518, 314: 6480, 405: 6375, 321: 6331, 375: 6395,
    78: 5702, 191: 5579, 80: 5606, 81: 5656, 82: 6037, 13: 5533, 312: 6541, 311: 6161, 310: 6111, 415: 6084,
    308: 6207, 95: 5802, 88: 5847, 178: 5867, 87: 6009, 14: 5517, 317: 6513, 402: 6372, 318: 6352, 324: 6307,
}  # fmt: skip
CHIN = {18: 5528, 200: 7, 199: 968, 175: 963, 152: 966, 148: 1447, 377: 3661}
NOSE = {2: 1147, 97: 2075, 326: 4269}
BROWS = {70: 268, 63: 493, 105: 1914, 66: 2044, 107: 1401, 300: 2509, 293: 2734, 334: 4114, 296: 4240, 336: 3615}
MARKS = {**LIPS, **CHIN, **NOSE, **BROWS, 33: EYE_VERTICES[0], 263: EYE_VERTICES[1], 168: VERTICES["jaw"][0]}
MERGED = ("browInnerUp", "cheekPuff")


@dataclass(frozen=True, eq=False)
class IctHead:
    """Neutral and shapes of the ICT head in ARKit's order.

    Parameters
    ----------
    neutral : ndarray [shape=(V, 3), float32]
        Centimetres; x to the head's own left, y up, z forward.
    deltas : ndarray [shape=(52, V, 3), float32]
        Offsets of each ARKit shape at weight 1, zero for tongueOut.
    faces : ndarray [shape=(N, 4), int32]
        Corners; -1 pads a triangle.
    """

    neutral: np.ndarray
    deltas: np.ndarray
    faces: np.ndarray

    @classmethod
    def load(cls, path: str | Path) -> IctHead:
        """Read ``head_ict_facekit.npz``."""
        with np.load(path) as file:
            shapes = dict(zip(file["shape_names"].tolist(), file["deltas_cm"].astype(np.float32), strict=True))
            neutral, faces = file["neutral_cm"].astype(np.float32), file["faces"]
        deltas = np.stack([_delta(name, shapes, neutral) for name in ARKIT])
        return cls(neutral, deltas, faces)

    @property
    def eye_distance(self) -> float:
        """Outer-eye distance at rest, centimetres: the unit of all distances."""
        return eye_distance(self.neutral)

    def vertices(self, weights: np.ndarray, subset=None) -> np.ndarray:
        """Vertices for weights.

        Parameters
        ----------
        weights : ndarray [shape=(F, 52) or more columns]
            ARKit weights in the order of ``channels.ARKIT``; further columns are ignored.
        subset : sequence of int or None, default=None
            Vertices wanted; None means all.

        Returns
        -------
        ndarray [shape=(F, V or len(subset), 3), float32]
            Centimetres.
        """
        chosen = slice(None) if subset is None else list(subset)
        deltas = self.deltas[:, chosen]
        moved = np.asarray(weights, np.float32)[:, : len(ARKIT)] @ deltas.reshape(len(ARKIT), -1)
        return self.neutral[chosen] + moved.reshape(len(moved), -1, 3)

    def marked(self) -> MarkedHead:
        """The landmarks of this head, as the solver wants them."""
        marks, gauges = list(MARKS.values()), list(SUBSET)
        neutral, deltas = self.neutral.astype(float), self.deltas
        return MarkedHead(
            tuple(MARKS),
            neutral[marks],
            deltas[:, marks].astype(float),
            neutral[gauges],
            deltas[:, gauges].astype(float),
        )

    def distances(self, weights: np.ndarray) -> np.ndarray:
        """Lip opening, mouth width and jaw, (F, 3), in outer-eye distances: see ``distances.py``."""
        return np.stack(from_mesh(self.vertices(weights, SUBSET), self.eye_distance), axis=-1)


def _delta(name: str, shapes: dict[str, np.ndarray], neutral: np.ndarray) -> np.ndarray:
    """Offsets of one ARKit shape out of ICT's."""
    if name in MERGED:
        return shapes[f"{name}_L"] + shapes[f"{name}_R"]
    if name == "tongueOut":
        return np.zeros_like(neutral)
    # jawLeft and mouthLeft move the middle and keep their names; the rest are paired shapes.
    if name not in shapes:
        name = name.replace("Left", "_L").replace("Right", "_R")
    return shapes[name]
