# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of the built-in head pokes through anything else."""

import numpy as np
import pytest
from support.builtin_head import HEAD_MODEL, MOUTH, part, posed

from facewright.inference.heads.parts import brows, lids, lips


def faces_in_front(vertices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How many skin faces a ray from each point straight forwards meets."""
    quads = HEAD_MODEL.faces[HEAD_MODEL.parts["skin"].polygons]
    triangles = vertices[np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]])]
    flat = triangles[..., [0, 2]]
    near = (flat.max(1) >= points[:, [0, 2]].min(0)).all(1) & (flat.min(1) <= points[:, [0, 2]].max(0)).all(1)
    a, b, c = triangles[near].transpose(1, 0, 2)
    ab, ac, p = b - a, c - a, points[:, None] + (1e-5, 0, 2e-5) - a
    area = ab[:, 0] * ac[:, 2] - ab[:, 2] * ac[:, 0]
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    u = (p[..., 0] * ac[:, 2] - p[..., 2] * ac[:, 0]) / area
    v = (p[..., 2] * ab[:, 0] - p[..., 0] * ab[:, 2]) / area
    in_front = u * ab[:, 1] + v * ac[:, 1] < p[..., 1]
    return ((u >= 0) & (v >= 0) & (u + v <= 1) & in_front).sum(axis=1)


CLOSED = [{n: 1.0} for n in ("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch", "mouthPress", "mouthPucker",
                             "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthLeft",
                             "jawLeft", "jawForward", "cheekPuff", "noseSneer", "viseme_sil", "viseme_PP")]  # fmt: skip


class TestNothingPokesThrough:
    @pytest.mark.parametrize("weights", [{}, *CLOSED, {"jawOpen": 1.0, "mouthClose": 1.0}], ids=str)
    @pytest.mark.parametrize("name", ["teeth_upper", "teeth_lower", "tongue"])
    def test_closed_lips_hide_teeth_and_tongue(self, name, weights):
        vertices = posed(**weights)
        assert (faces_in_front(vertices, part(name, vertices)) > 0).all()

    @pytest.mark.parametrize("name", ["teeth_upper", "teeth_lower", "tongue"])
    @pytest.mark.parametrize(
        "weights", [{"jawOpen": 0.4}, {"jawOpen": 1.0}, {"jawOpen": 0.3, "mouthSmile": 1.0}], ids=str
    )
    def test_open_lips_show_them_only_between_the_lips(self, name, weights):
        vertices = posed(**weights)
        points = part(name, vertices)
        shown = points[faces_in_front(vertices, points) == 0]
        opening = vertices[MOUTH[lips.SEAM]]
        assert (shown[:, [0, 2]] >= opening[:, [0, 2]].min(axis=0)).all()
        assert (shown[:, [0, 2]] <= opening[:, [0, 2]].max(axis=0)).all()

    def test_closed_lids_hide_the_eyeball(self):
        vertices = posed(eyeBlink=1.0)
        for name in ("eye_left", "eye_right"):
            ball = part(name, vertices)
            front = ball[ball[:, 1] < lids.CENTER[1] - 0.5 * lids.RADIUS]
            assert (faces_in_front(vertices, front) > 0).all()

    @pytest.mark.parametrize("weights", [{}, {"eyeWide": 1.0}, {"eyeLookUp": 1.0}, {"eyeSquint": 1.0}], ids=str)
    def test_lashes_stay_in_front_of_the_lids(self, weights):
        vertices = posed(**weights)
        tips = part("lashes", vertices)[1 : 3 * len(brows.UPPER) : 3]  # of the left eye, outer corner first
        assert (faces_in_front(vertices, tips[:-2]) == 0).all()
