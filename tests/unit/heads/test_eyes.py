# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in head's lids and eyes."""

import numpy as np
import pytest
from support.builtin_head import EYES, HEAD_MODEL, MM, REST, lid_gap, moved_by, nearest, posed

from facewright.inference.heads.parts import lids


class TestEyes:
    @pytest.mark.parametrize("side", [0, 1])
    def test_blink_closes_the_lids(self, side):
        assert lid_gap(posed(), side).max() > 9
        assert lid_gap(posed(eyeBlink=1.0), side) == pytest.approx(0, abs=1e-3)

    @pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 0.75, 1.0])
    @pytest.mark.parametrize("name", ["eyeBlink", "eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown"])
    def test_lids_stay_outside_the_eyeball(self, name, weight):
        outside = posed(**{name: weight})[EYES[0, : lids.MARGIN + 1]] - lids.CENTER
        assert np.linalg.norm(outside, axis=-1).min() > lids.RADIUS + 0.5

    def test_wide_squint_and_look(self):
        neutral = lid_gap(posed()).max()
        assert lid_gap(posed(eyeWide=1.0)).max() > neutral + 2
        assert lid_gap(posed(eyeSquint=1.0)).max() < neutral - 2.5
        n = lids.COUNT // 2
        assert moved_by("eyeLookDownLeft", EYES[0, lids.MARGIN, n])[2] < -2
        assert moved_by("eyeLookUpLeft", EYES[0, lids.MARGIN, n])[2] > 0.8

    @pytest.mark.parametrize(
        ("name", "axis", "sign"),
        [("eyeLookUp", 2, 1), ("eyeLookDown", 2, -1), ("eyeLookIn", 0, -1), ("eyeLookOut", 0, 1)],
    )
    def test_gaze_turns_the_pupil(self, name, axis, sign):
        ball = HEAD_MODEL.parts["eye_left"].vertices
        pupil = ball.start + int(HEAD_MODEL.neutral[ball, 1].argmin())
        moved = moved_by(f"{name}Left", pupil)
        assert sign * moved[axis] > 5

    def test_brows_follow_the_skin(self):
        brow = REST.part["brows"]
        inner = brow.start + int(np.abs(REST.points[brow, 0] - 15).argmin())
        outer = brow.start + int(np.abs(REST.points[brow, 0] - 44).argmin())
        assert moved_by("browInnerUp", inner)[2] > 5
        assert moved_by("browOuterUpLeft", outer)[2] > 5
        assert moved_by("browDownLeft", inner)[2] < -4
        for name in ("browInnerUp", "browOuterUpLeft", "browDownLeft"):
            offset = HEAD_MODEL.shapes[name]
            for vertex in (inner, outer):
                below = nearest(*(HEAD_MODEL.neutral[vertex] / MM * (1, -1, 1)))
                assert np.linalg.norm(offset[vertex] - offset[below]) < 0.0015
