# SPDX-License-Identifier: GPL-3.0-or-later
"""A choice of parts of the face: bake and preview touch these, and nothing else."""

import bpy
import numpy as np
import pytest
from support.characters import error_of, held, random_motion, value

from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import store
from facewright.inference.core.parts import PARTS

BROW = 'key_blocks["browInnerUp"].value'


@pytest.fixture
def talking(face):
    """The face with a take, not shown."""
    take = store.Take(random_motion(100), Speech("/none.wav", frame=1.0), 1, "CPU")
    store.add(face.parent, [take])
    return face


def shapes(obj):
    """The shape keys that have a curve."""
    return {one.data_path.split('"')[1] for one in actions.fcurves_of(obj.data.shape_keys)}


def animate_brows(face):
    block = face.data.shape_keys.key_blocks["browInnerUp"]
    for frame, level in ((1, 0.1), (20, 0.8), (60, 0.3)):
        block.value = level
        block.keyframe_insert("value", frame=frame)
    return held(face, BROW)


def test_only_the_parts_that_are_chosen_are_keyed(talking):
    before = animate_brows(talking)
    assert bpy.ops.facewright.bake(parts={"MOUTH", "JAW"}) == {"FINISHED"}
    assert shapes(talking) - {"browInnerUp"} <= {*PARTS["mouth"], *PARTS["jaw"]}
    assert {"jawOpen", "mouthFunnel"} <= shapes(talking)
    assert held(talking, BROW) == before
    bpy.ops.facewright.bake(parts={"LIDS"})
    assert {"eyeBlinkLeft", "jawOpen"} <= shapes(talking)
    assert held(talking, BROW) == before


def test_brows_may_be_a_layer_over_those_animated_by_hand(talking, scene):
    animate_brows(talking)
    scene.frame_set(30)
    by_hand = value(talking, "browInnerUp")
    bpy.ops.facewright.bake(parts={"BROWS"}, into="ADDITIVE")
    scene.frame_set(30)
    take = store.get(talking.parent).motion.select(["browInnerUp"]).at([29 / 24])[0, 0]
    assert value(talking, "browInnerUp") == pytest.approx(min(by_hand + float(take), 1.0), abs=1e-5)
    assert value(talking, "jawOpen") == 0


def test_the_preview_moves_only_them_and_gives_the_others_back(talking, scene):
    blocks = talking.data.shape_keys.key_blocks
    blocks["browInnerUp"].value = 0.25
    talking.parent.facewright.preview = True
    scene.frame_set(30)
    assert value(talking, "browInnerUp") != pytest.approx(0.25)
    scene.facewright_bake.parts = {"MOUTH", "JAW"}
    assert value(talking, "browInnerUp") == pytest.approx(0.25)
    moved = []
    for frame in (10, 30, 50):
        scene.frame_set(frame)
        moved.append((value(talking, "jawOpen"), value(talking, "eyeBlinkLeft")))
    assert np.ptp(moved, axis=0)[0] > 0 and np.ptp(moved, axis=0)[1] == 0


def test_a_choice_that_moves_nothing_is_said(talking):
    assert "No part of the face is chosen" in error_of(bpy.ops.facewright.bake, parts=set())
    for name in PARTS["brows"]:
        talking.shape_key_remove(talking.data.shape_keys.key_blocks[name])
    assert "is moved by: brows" in error_of(bpy.ops.facewright.bake, parts={"BROWS"})
    assert talking.data.shape_keys.animation_data is None


def test_lines_of_one_part_are_taken_back_alone(talking):
    bpy.ops.facewright.bake(parts={"JAW"})
    jaw = held(talking)
    bpy.ops.facewright.bake(parts={"BROWS"})
    bpy.ops.facewright.unbake()
    assert held(talking) == jaw and "browInnerUp" not in shapes(talking)
