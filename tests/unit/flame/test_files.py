# SPDX-License-Identifier: GPL-3.0-or-later
"""FLAME motion under the names that fitters give it."""

import numpy as np
import pytest

from facewright.inference.core.errors import MotionError
from facewright.inference.flame.files import read_flame

FRAMES = 12
EXPRESSION = np.zeros((FRAMES, 50), np.float32)
ROOT, NECK, JAW = (np.full((FRAMES, 3), value, np.float32) for value in (1, 2, 3))
EYES = np.full((FRAMES, 6), 4, np.float32)


@pytest.mark.parametrize(
    ("arrays", "parts"),
    [
        ({"expr": EXPRESSION, "pose": np.hstack([ROOT, JAW])}, {"root": ROOT, "jaw": JAW}),
        ({"exp": EXPRESSION, "pose": JAW}, {"jaw": JAW}),
        (
            {"expression": EXPRESSION, "pose": np.hstack([ROOT, NECK, JAW, EYES])},
            {"root": ROOT, "neck": NECK, "jaw": JAW, "eyes": EYES},
        ),
        ({"expression": EXPRESSION, "full_pose": np.hstack([ROOT, NECK, JAW, EYES])}, {"jaw": JAW, "neck": NECK}),
        ({"expression": EXPRESSION, "jawpose": JAW, "eyepose": EYES}, {"jaw": JAW, "eyes": EYES}),
        ({"expression_params": EXPRESSION, "jaw_params": JAW, "pose_params": ROOT}, {"jaw": JAW, "root": ROOT}),
    ],
)
def test_joints_are_found_by_their_names(tmp_path, arrays, parts):
    np.savez(tmp_path / "a.npz", **arrays)
    found = read_flame(tmp_path / "a.npz")
    for name, values in parts.items():
        np.testing.assert_array_equal(getattr(found, name), values)


def test_a_pose_of_another_width_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", expression=EXPRESSION, pose=np.zeros((FRAMES, 9)))
    with pytest.raises(MotionError, match=r"3 \(jaw\), 6 \(root, jaw\) or 15 numbers.*got 9"):
        read_flame(tmp_path / "a.npz")
