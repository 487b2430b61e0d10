# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate and Bake act on a line, on a character or on the scene; a bake of several is whole or not at all."""

import bpy
import numpy as np
import pytest
from support.characters import curve, error_of, held, make_mesh, random_motion

from facewright.addon.bake import bake
from facewright.addon.bake.all_or_none import carry_out
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.character import character
from facewright.addon.takes import lines
from facewright.addon.takes.store import Take
from facewright.inference.core.channels import ARKIT
from facewright.inference.core.errors import ExportError
from facewright.inference.retarget.performance import Placed


def say(obj, *frames):
    """Lines of a second of a face that moves all over, at these frames."""
    for frame in frames:
        take = Take(random_motion(50, seed=int(frame)), Speech(f"/sounds/{frame}.wav", frame=float(frame)), 0, "CPU")
        lines.add(bpy.context.scene, obj, [take])


def placed(frame):
    return Placed(random_motion(40, seed=9), timeline_of(bpy.context.scene, float(frame)), 0.0)


def people(scene, mute=False):
    """Two who have taken their lines; the second one may have no tongue."""
    ann, bob = make_mesh("Ann", ARKIT), make_mesh("Bob", [name for name in ARKIT if not mute or name != "tongueOut"])
    say(ann, 1, 60)
    say(bob, 30)
    return ann, bob


def test_bake_acts_on_the_line_the_character_or_the_scene(scene):
    ann, bob = people(scene)
    bpy.context.view_layer.objects.active = ann
    bpy.ops.facewright.bake()
    assert 70 in held(ann) and 10 not in held(ann)  # the active line is the second
    bpy.ops.facewright.bake(lines="CHARACTER")
    assert {10, 70} <= set(held(ann))
    assert not actions.fcurves_of(bob.data.shape_keys)
    bpy.ops.facewright.bake(lines="SCENE")
    assert {35, 50} <= set(held(bob))


def test_of_all_lines_only_those_within_a_range_are_baked(scene):
    ann, _ = people(scene)
    bpy.context.view_layer.objects.active = ann
    bpy.ops.facewright.bake(lines="CHARACTER", use_range=True, first=62, last=70, blend=0)
    assert set(held(ann)) == set(range(62, 71))
    told = error_of(bpy.ops.facewright.bake, lines="CHARACTER", use_range=True, first=900, last=910)
    assert "Expected a range within the take" in told


def test_generate_acts_on_all_lines_of_the_character(face, scene, sounds):
    root = face.parent
    for number, frame in enumerate((1, 60)):
        bpy.ops.facewright.generate(filepath=str(sounds[number]), frame=frame, seed=number)
    first, second = lines.items(root)
    root.facewright.line_index = 0
    assert "has a take already" in error_of(bpy.ops.facewright.generate, lines="CHARACTER")
    before = [take.motion for take in root.facewright.takes]
    root.facewright.takes.clear()
    assert bpy.ops.facewright.generate(lines="CHARACTER") == {"FINISHED"}
    assert [take.motion for take in root.facewright.takes] == before  # each with the seed of its own line
    assert [len(lines.takes_of(root, line)) for line in (first, second)] == [1, 1]
    assert lines.active(root) == first
    second.lock = True
    keys = [take.key for take in root.facewright.takes]
    bpy.ops.facewright.generate(lines="CHARACTER", again=True)
    assert root.facewright.takes[1].key == keys[1]
    assert "Leave lines away" in error_of(bpy.ops.facewright.generate, lines="CHARACTER", filepath=str(sounds[0]))


def test_what_was_keyed_is_selected_so_that_the_timeline_shows_its_keys(face, scene):
    root = face.parent
    say(root, 1)
    for obj in scene.objects:
        obj.select_set(False)
    bpy.context.view_layer.objects.active = root
    bpy.ops.facewright.bake()
    assert {obj.name for obj in bpy.context.selected_objects} == {"Bob face", "Bob teeth", "Bob tongue"}
    assert bpy.context.view_layer.objects.active.data.shape_keys.animation_data.action is not None
    bpy.context.view_layer.objects.active = bpy.data.objects["Bob teeth"]
    bpy.ops.facewright.bake()
    assert bpy.context.view_layer.objects.active.name == "Bob teeth"


def test_when_one_cannot_be_baked_nothing_of_any_has_changed(scene):
    ann, _ = people(scene, mute=True)
    bpy.context.view_layer.objects.active = ann
    bpy.ops.facewright.bake(lines="CHARACTER")
    curve(ann).keyframe_points[5].co[1] = 0.77
    before = {one.data_path: actions.read(one).tobytes() for one in actions.fcurves_of(ann.data.shape_keys)}
    ann.facewright.preview = True
    assert "Nothing of 'Bob' is moved by" in error_of(bpy.ops.facewright.bake_scene, parts={"TONGUE"})
    assert {one.data_path: actions.read(one).tobytes() for one in actions.fcurves_of(ann.data.shape_keys)} == before
    assert len(bpy.data.actions) == 1 and ann.facewright.preview


def test_a_bake_that_fails_while_it_is_written_takes_the_others_back(scene):
    ann, bob = people(scene)
    bake.bake_lines(scene, character.find(ann, scene), Mode(into="EXISTING"))
    before = {one.data_path: actions.read(one).tobytes() for one in actions.fcurves_of(ann.data.shape_keys)}
    cast, mode = [character.find(obj, scene) for obj in (ann, bob)], Mode(into="EXISTING")

    def plan(who, frame):
        return lambda: bake.plan_placed(scene, who, {"": placed(frame)}, name="again", mode=mode)

    def fails():
        raise ExportError("The disk is full.")

    with pytest.raises(ExportError):
        carry_out(scene, mode, [(cast[0], plan(cast[0], 20)), (cast[1], lambda: fails)])
    assert {one.data_path: actions.read(one).tobytes() for one in actions.fcurves_of(ann.data.shape_keys)} == before
    carry_out(scene, mode, [(who, plan(who, 20)) for who in cast])
    assert {one.data_path: actions.read(one).tobytes() for one in actions.fcurves_of(ann.data.shape_keys)} != before


def test_characters_that_share_their_shape_keys_keep_the_lines_of_both(scene):
    ann = make_mesh("Ann", ARKIT)
    twin = ann.copy()
    scene.collection.objects.link(twin)
    say(ann, 1)
    say(twin, 60)
    bpy.ops.facewright.bake_scene()
    keys = set(held(ann))
    assert {10, 70} <= keys
    assert np.ptp([curve(ann).evaluate(frame) for frame in range(1, 20)]) > 0.1
    assert np.ptp([curve(ann).evaluate(frame) for frame in range(60, 80)]) > 0.1
