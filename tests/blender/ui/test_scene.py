# SPDX-License-Identifier: GPL-3.0-or-later
"""A cast: every character is given channels or strips once, and the whole scene is generated and baked at once."""

import bpy
import numpy as np
import pytest
from support.casts import GAP
from support.characters import curve, error_of, held, strips

from facewright.addon.blender import sequencer
from facewright.addon.takes import lines


def test_one_press_animates_and_one_bakes_the_whole_cast(cast, scene):
    ann, bob = cast
    ann.facewright.speaks, bob.facewright.speaks = "1", "b_1, b_3, b_*"
    assert bpy.ops.facewright.generate_scene() == {"FINISHED"}
    for person, first in ((ann, 0), (bob, 1)):
        assert [one.strip for one in lines.items(person)] == [
            f"{'ab'[first]}_{number}" for number in range(first, 6, 2)
        ]
    assert bpy.ops.facewright.bake_scene() == {"FINISHED"}
    for person, first in ((ann, 0), (bob, 1)):
        keys = np.array(list(held(person)))
        for number in range(6):
            at = 1 + number * GAP + np.arange(28)
            assert np.isin(at, keys).all() == (number % 2 == first), (person.name, number)
            assert (np.ptp([curve(person).evaluate(frame) for frame in at]) > 0.02) == (number % 2 == first)


def test_it_gives_what_single_lines_give(cast, scene):
    ann, _ = cast
    ann.facewright.speaks = "a_*"
    bpy.ops.facewright.generate_scene()
    bpy.ops.facewright.bake_scene()
    together = held(ann)
    bpy.context.view_layer.objects.active = ann
    bpy.ops.facewright.unbake()
    ann.facewright.lines.clear()
    ann.facewright.takes.clear()
    for number in (2, 0, 4):
        bpy.ops.facewright.generate(strip=f"a_{number}")
        bpy.ops.facewright.bake()
    assert held(ann) == pytest.approx(together, abs=1e-6)


def test_sounds_that_generate_laid_are_not_spoken_twice(cast, scene, speech):
    ann, _ = cast
    bpy.context.view_layer.objects.active = ann
    assert bpy.ops.facewright.generate(filepath=str(speech), frame=900.0) == {"FINISHED"}
    laid = next(one for one in sequencer.sound_strips(scene) if one.get(sequencer.OWNER))
    ann.facewright.speaks = f"a_0, {laid.name}"
    assert bpy.ops.facewright.generate_scene() == {"FINISHED"}
    spoken = [(one.source, one.strip) for one in lines.items(ann)]
    assert spoken == [("FILE", ""), ("STRIP", "a_0")]


def test_only_what_is_new_is_made_and_a_locked_line_is_left_alone(cast, scene):
    ann, bob = cast
    ann.facewright.speaks, bob.facewright.speaks = "a_0, a_2", "b_1"
    bpy.ops.facewright.generate_scene()
    assert "has a take already" in error_of(bpy.ops.facewright.generate_scene)
    lines.items(ann)[0].lock = True
    kept = [take.key for take in lines.takes_of(ann, lines.items(ann)[0])]
    bob.facewright.speaks = "2"
    before = len(ann.facewright.takes), len(bob.facewright.takes)
    assert bpy.ops.facewright.generate_scene() == {"FINISHED"}
    assert (len(ann.facewright.takes), len(bob.facewright.takes)) == (before[0], before[1] + 2)
    bpy.ops.facewright.bake_scene()
    keys = set(held(ann))
    assert 1 + 2 * GAP in keys and 1 not in keys
    assert [take.key for take in lines.takes_of(ann, lines.items(ann)[0])] == kept


def test_a_name_that_is_not_there_is_said_and_nothing_changes(cast, scene):
    ann, bob = cast
    assert "Give a character a channel" in error_of(bpy.ops.facewright.generate_scene)
    ann.facewright.speaks, bob.facewright.speaks = "1", "Boob"
    assert "'Bob' speaks 'Boob'" in error_of(bpy.ops.facewright.generate_scene)
    bob.facewright.speaks = "2"
    sequencer.strip_collection(scene)["b_3"].sound.filepath = "/nowhere/gone.wav"
    assert "gone.wav" in error_of(bpy.ops.facewright.generate_scene)
    assert not len(ann.facewright.takes) and not len(bob.facewright.takes)
    assert "No character of this scene has a take" in error_of(bpy.ops.facewright.bake_scene)


def test_muted_strips_are_not_heard(cast, scene):
    ann, _ = cast
    ann.facewright.speaks = "1"
    sequencer.strip_collection(scene)["a_2"].mute = True
    bpy.ops.facewright.generate_scene()
    assert [one.strip for one in lines.items(ann)] == ["a_0", "a_4"]


def test_a_line_without_a_sound_is_left_out_and_one_whose_strip_is_gone_is_named(cast, scene):
    ann, bob = cast
    ann.facewright.speaks, bob.facewright.speaks = "a_0", "b_1"
    bpy.context.view_layer.objects.active = bob
    bpy.ops.facewright.line_add()
    assert bpy.ops.facewright.generate_scene() == {"FINISHED"}
    gone = next(one for one in strips(scene) if one.name == "b_1")
    sequencer.strip_collection(scene).remove(gone)
    bob.facewright.speaks = "b_3"
    said = error_of(bpy.ops.facewright.generate_scene)
    assert "Line 'b_1' of 'Bob'" in said
    assert len(ann.facewright.takes) == len(bob.facewright.takes) == 1


def test_keys_that_a_bake_of_the_scene_replaces_are_told(cast, scene, capfd):
    ann, bob = cast
    ann.facewright.speaks, bob.facewright.speaks = "a_0", "b_1"
    bpy.ops.facewright.generate_scene()
    key = ann.data.shape_keys.key_blocks["jawOpen"]
    key.value = 0.7
    key.keyframe_insert("value", frame=10)
    bpy.ops.facewright.bake_scene()
    assert f"{ann.name}: Replaced 1 key that you had set" in "".join(capfd.readouterr())


def test_the_last_bake_stays_while_a_line_of_it_is_locked(cast, scene):
    ann, _ = cast
    ann.facewright.speaks = "a_*"
    bpy.ops.facewright.generate_scene()
    bpy.ops.facewright.bake_scene()
    bpy.context.view_layer.objects.active = ann
    before = held(ann)
    lines.items(ann)[1].lock = True
    assert "is locked" in error_of(bpy.ops.facewright.unbake, last=True)
    assert held(ann) == before
    lines.items(ann)[1].lock = False
    assert bpy.ops.facewright.unbake(last=True) == {"FINISHED"}
