# SPDX-License-Identifier: GPL-3.0-or-later
"""Each line has sliders, emotions and a style of its own; the character shows those of the active one."""

import bpy
import numpy as np
import pytest
from support.characters import value

from facewright.addon.takes import lines


@pytest.fixture
def two(face, line):
    """Two lines, the second with a wider jaw; returns the root."""
    root = face.parent
    root.facewright.slider_jaw = 0.5
    bpy.ops.facewright.generate(filepath=str(line), frame=1, seed=1)
    bpy.ops.facewright.generate(filepath=str(line), frame=100, seed=1)
    root.facewright.slider_jaw, root.facewright.emotion_joy = 1.5, 0.5
    return root


def jaw(face, scene, begin):
    seen = []
    for frame in range(begin, begin + 44):
        scene.frame_set(frame)
        seen.append((value(face, "jawOpen"), value(face, "mouthSmileLeft")))
    return np.array(seen)


def test_a_line_that_is_chosen_brings_its_sliders_and_style(two):
    settings = two.facewright
    two.facewright_style.content = "second"
    settings.line_index = 0
    assert (settings.slider_jaw, settings.emotion_joy) == (0.5, 0.0)
    assert two.facewright_style.content == ""
    settings.slider_jaw = 0.25
    settings.line_index = 1
    assert (settings.slider_jaw, settings.emotion_joy, two.facewright_style.content) == (1.5, 0.5, "second")
    settings.line_index = 0
    assert settings.slider_jaw == 0.25


@pytest.mark.parametrize("active", [0, 1])
def test_preview_and_bake_give_each_line_its_own(two, face, scene, active):
    two.facewright.line_index = active
    first, second = jaw(face, scene, 1), jaw(face, scene, 100)
    assert second[:, 0].max() > 1.5 * first[:, 0].max()
    assert second[:, 1].max() > first[:, 1].max() + 0.1
    bpy.ops.facewright.bake_scene()
    assert np.allclose(jaw(face, scene, 1), first, atol=1e-5)
    assert np.allclose(jaw(face, scene, 100), second, atol=1e-5)


def test_a_removed_line_leaves_the_sliders_of_the_other(two):
    assert bpy.ops.facewright.line_remove() == {"FINISHED"}
    assert two.facewright.slider_jaw == 0.5 and len(lines.items(two)) == 1
