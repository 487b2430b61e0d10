# SPDX-License-Identifier: GPL-3.0-or-later
"""Rotations: there and back, in the sense of the channels, and found again between two sets of points."""

import numpy as np
import pytest

from facewright.inference.core import rotations


def test_rotations_go_there_and_back():
    rng = np.random.default_rng(4)
    found = rng.normal(0, 0.8, (50, 3))
    np.testing.assert_allclose(rotations.vectors(rotations.matrices(found)), found, atol=1e-9)
    np.testing.assert_allclose(rotations.vectors(rotations.matrices(np.zeros((1, 3)))), 0, atol=1e-12)
    yaw, pitch, roll = rng.uniform(-1, 1, (3, 50))
    back = rotations.angles(rotations.from_angles(yaw, pitch, roll))
    np.testing.assert_allclose(back, np.stack([yaw, pitch, roll], axis=1), atol=1e-9)


def test_angles_follow_the_sense_of_the_channels():
    zero, some = np.zeros(1), np.full(1, 0.3)
    front, top = np.array([0, 0, 1.0]), np.array([0, 1.0, 0])
    assert (rotations.from_angles(some, zero, zero)[0] @ front)[0] < -0.2  # own right
    assert (rotations.from_angles(zero, some, zero)[0] @ front)[1] < -0.2  # down
    assert (rotations.from_angles(zero, zero, some)[0] @ top)[0] < -0.2  # towards the own right shoulder


def test_blenders_axes_say_the_same():
    yaw, pitch, roll = np.random.default_rng(5).uniform(-1, 1, (3, 20))
    axes = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # from Blender's
    expected = rotations.from_angles(yaw, pitch, roll)
    np.testing.assert_allclose(axes @ rotations.upright(yaw, pitch, roll) @ axes.T, expected, atol=1e-12)


@pytest.mark.parametrize("size", [1.0, 2.5])
def test_what_lays_points_on_points_is_found(size):
    rng = np.random.default_rng(6)
    points, shift = rng.normal(size=(9, 3)), rng.normal(size=(4, 3))
    turn = rotations.matrices(rng.normal(size=(4, 3)))
    there = size * np.einsum("fij,nj->fni", turn, points) + shift[:, None]
    scale, *found = rotations.similarity(points, there)
    np.testing.assert_allclose(scale, size)
    for how in (found, rotations.rigid(points, there)) if size == 1 else (found,):
        np.testing.assert_allclose(how[0], turn, atol=1e-12)
        np.testing.assert_allclose(how[1], shift, atol=1e-12)
    np.testing.assert_allclose(rotations.mean(turn[:1]), turn[0], atol=1e-12)
