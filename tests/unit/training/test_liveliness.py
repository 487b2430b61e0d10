# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a face goes beside its mouth: found again where it is known."""

import numpy as np
import pytest

from facewright.inference.capture.landmarks import Tracks
from facewright.inference.core.rotations import from_angles
from facewright.models.training.evaluation.figures import liveliness
from facewright.models.training.heads.ict import BROWS

FPS, SECONDS = 25.0, 12.0


@pytest.fixture(scope="module")
def tracks():
    """A face of points that nods 10 degrees to either side once in 3 s, lifts its brows and shuts its lids twice."""
    times = np.arange(FPS * SECONDS) / FPS
    face = np.random.default_rng(0).normal(0, 1, (478, 3))
    face[33], face[263], face[133], face[362] = (-0.5, 0, 0), (0.5, 0, 0), (-0.2, 0, 0), (0.2, 0, 0)
    for above, below in zip(*liveliness.LIDS, strict=True):
        face[above], face[below] = (0, 0.05, 0), (0, -0.05, 0)
    moving = np.tile(face, (len(times), 1, 1))
    moving[:, list(BROWS), 1] += 0.1 * np.sin(2 * np.pi * times / 3)[:, None]
    shut = (np.abs(times - 2) < 0.1) | (np.abs(times - 8) < 0.1)
    moving[np.ix_(shut, liveliness.LIDS[0])] = moving[np.ix_(shut, liveliness.LIDS[1])]
    nod = np.radians(10) * np.sin(2 * np.pi * times / 3)
    turned = np.einsum("fij,fpj->fpi", from_angles(0 * nod, nod, 0 * nod), moving)
    return Tracks(100 * turned * (1, -1, -1), tuple(range(478)), FPS)


def test_head_brows_and_blinks_are_found(tracks):
    face = liveliness.tracked(tracks)
    yaw, pitch, roll = (liveliness.reach(curve, FPS) for curve in face.head.T)
    assert pitch == pytest.approx(20, rel=0.05) and max(yaw, roll) < 0.1
    assert liveliness.reach(face.brows, FPS) == pytest.approx(0.2, rel=0.05)
    assert liveliness.blinks_per_minute(face) == pytest.approx(2 / SECONDS * 60)


def test_trembling_is_more_restless_than_nodding(tracks):
    pitch = liveliness.tracked(tracks).head[:, 1]
    calm = liveliness.restlessness(pitch, FPS)
    assert calm == pytest.approx(4 * 10 / 3 / 20, rel=0.1)
    trembling = pitch + np.random.default_rng(1).normal(0, 1, len(pitch))
    assert liveliness.restlessness(trembling, FPS) > 2 * calm
