# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in head's jaw and mouth do what the names of their shapes say."""

import numpy as np
import pytest
from support.builtin_head import CHIN, CORNERS, HEAD_MODEL, MIDDLE, MOUTH, UPPER, gap, moved_by, nearest, part, posed

from facewright.inference.core.channels import ARKIT, VISEMES
from facewright.inference.heads.parts import lips


class TestJaw:
    def test_open_lowers_chin_and_parts_the_lips(self):
        assert moved_by("jawOpen", CHIN)[2] < -15
        assert gap(posed(jawOpen=1.0))[len(UPPER) // 2] > 15
        assert (gap(posed(jawOpen=1.0)) > 0).all()

    def test_lower_teeth_and_tongue_follow_and_upper_teeth_stay(self):
        offset = posed(jawOpen=1.0) - posed()
        front = posed()[:, 1] < -80
        teeth = np.zeros(len(front), dtype=bool)
        teeth[HEAD_MODEL.parts["teeth_lower"].vertices] = True
        assert offset[front & teeth, 2].max() < -15
        assert part("tongue", offset)[:, 2].min() < -10

    def test_forward_and_sideways(self):
        assert moved_by("jawForward", CHIN)[1] > 4
        assert moved_by("jawLeft", CHIN)[0] > 5
        assert moved_by("jawRight", CHIN)[0] < -5

    @pytest.mark.parametrize("weight", [0.2, 0.5, 1.0])
    def test_mouth_close_shuts_what_jaw_open_parts(self, weight):
        for ring in (lips.SEAM, lips.CONTACT):
            assert gap(posed(jawOpen=weight, mouthClose=weight), ring) == pytest.approx(0, abs=1e-3)
        assert (posed(jawOpen=weight, mouthClose=weight) - posed())[CHIN, 2] < -15 * weight


class TestMouth:
    def test_smile_raises_and_widens_the_corners(self):
        x, _, up = moved_by("mouthSmileLeft", CORNERS[0])
        assert up > 4 and x > 3

    def test_frown_lowers_the_corners(self):
        assert moved_by("mouthFrownLeft", CORNERS[0])[2] < -4

    def test_stretch_and_dimple_widen(self):
        assert moved_by("mouthStretchLeft", CORNERS[0])[0] > 5
        x, forward, _ = moved_by("mouthDimpleLeft", CORNERS[0])
        assert x > 2 and forward < -2

    def test_pucker_narrows_and_protrudes(self):
        vertices = posed(mouthPucker=1.0)
        assert np.ptp(vertices[CORNERS, 0]) < 0.72 * np.ptp(posed()[CORNERS, 0])
        assert moved_by("mouthPucker", MOUTH[lips.SEAM - 3, MIDDLE])[1] > 5

    def test_funnel_opens_and_protrudes(self):
        assert gap(posed(mouthFunnel=1.0))[len(UPPER) // 2] > 4
        assert moved_by("mouthFunnel", MOUTH[lips.SEAM - 3, MIDDLE])[1] > 4
        assert np.ptp(posed(mouthFunnel=1.0)[CORNERS, 0]) < 0.9 * np.ptp(posed()[CORNERS, 0])

    def test_sideways(self):
        assert moved_by("mouthLeft", MOUTH[lips.SEAM, MIDDLE])[0] > 5
        assert moved_by("mouthRight", MOUTH[lips.SEAM, MIDDLE])[0] < -5

    @pytest.mark.parametrize(("name", "place"), [("mouthRollUpper", MIDDLE), ("mouthRollLower", 0)])
    def test_rolls_hide_the_red_of_the_lip(self, name, place):
        def red(vertices):
            return abs(vertices[MOUTH[lips.BORDER, place], 2] - vertices[MOUTH[lips.SEAM, place], 2])

        assert red(posed(**{name: 1.0})) < 0.6 * red(posed())
        assert moved_by(name, MOUTH[lips.SEAM - 3, place])[1] < -2

    def test_shrugs_lift(self):
        assert moved_by("mouthShrugLower", MOUTH[lips.BORDER, 0])[2] > 1.5
        assert moved_by("mouthShrugLower", CHIN)[2] > 1.5
        assert moved_by("mouthShrugUpper", MOUTH[lips.BORDER, MIDDLE])[2] > 1.5

    def test_press_thins_the_closed_lips(self):
        vertices, place = posed(mouthPress=1.0), MIDDLE
        height = vertices[MOUTH[lips.BORDER, place], 2] - vertices[MOUTH[lips.BORDER, 0], 2]
        assert height < 0.8 * (posed()[MOUTH[lips.BORDER, place], 2] - posed()[MOUTH[lips.BORDER, 0], 2])
        assert gap(vertices) == pytest.approx(0, abs=1e-3)

    def test_upper_up_and_lower_down_show_teeth(self):
        left_of_middle = MIDDLE - 5
        assert moved_by("mouthUpperUpLeft", MOUTH[lips.SEAM, left_of_middle])[2] > 3
        assert moved_by("mouthLowerDownLeft", MOUTH[lips.SEAM, 5])[2] < -3
        upper_edge = part("teeth_upper", posed())
        upper_edge = upper_edge[upper_edge[:, 1] < -86, 2].min()
        assert posed(mouthUpperUp=1.0)[MOUTH[lips.SEAM, MIDDLE], 2] > upper_edge + 3

    def test_cheeks(self):
        assert moved_by("cheekPuff", nearest(39, 74, -64))[0] > 4
        assert moved_by("cheekSquintLeft", nearest(38, 79, -28))[2] > 3
        assert moved_by("noseSneerLeft", nearest(16, 97, -40))[2] > 2.5

    def test_tongue_out_passes_the_lips(self):
        vertices = posed(tongueOut=1.0)
        assert part("tongue", vertices)[:, 1].min() < vertices[MOUTH[:, 0], 1].min() - 5
        assert part("tongue", posed(viseme_TH=1.0))[:, 1].min() < -86

    @pytest.mark.parametrize("jaw", [0.0, 0.3, 0.6, 1.0])
    @pytest.mark.parametrize(
        "name", [n for n in ARKIT if n.startswith(("mouth", "jaw", "cheek")) and n != "mouthClose"]
    )
    def test_lips_never_cross(self, name, jaw):
        weights = {name: 1.0} | ({} if name == "jawOpen" else {"jawOpen": jaw})
        for ring in (lips.SEAM, lips.CONTACT):
            assert gap(posed(**weights), ring).min() > -0.05

    @pytest.mark.parametrize("seed", range(20))
    def test_lips_never_cross_in_random_mixes(self, seed):
        rng = np.random.default_rng(seed)
        names = [
            "mouthSmile",
            "mouthFrown",
            "mouthStretch",
            "mouthFunnel",
            "mouthPucker",
            "mouthPress",
            "mouthRollLower",
            "mouthRollUpper",
            "mouthShrugLower",
            "mouthShrugUpper",
            "mouthUpperUp",
            "mouthLowerDown",
            "mouthDimple",
        ]
        weights = {n: float(rng.uniform(0, 0.6)) for n in rng.choice(names, 4, replace=False)}
        weights["jawOpen"] = float(rng.uniform(0, 0.7))
        weights["mouthClose"] = float(rng.uniform(0, weights["jawOpen"]))
        assert gap(posed(**weights)).min() > -0.05

    @pytest.mark.parametrize("name", VISEMES)
    def test_lips_never_cross_in_visemes(self, name):
        assert gap(posed(**{name: 1.0})).min() > -0.05
