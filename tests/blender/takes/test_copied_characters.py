# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters that were duplicated after they were animated: work on a copy never touches the original."""

import bpy
import pytest
from support.characters import curve, error_of, held, make_mesh, strips

from facewright.addon.blender import actions
from facewright.addon.takes import lines
from facewright.inference.core.channels import ARKIT


@pytest.fixture
def ann(scene, sounds):
    """Ann has said a line at frame 10 and baked it."""
    ann = make_mesh("Ann", ARKIT)
    bpy.ops.facewright.generate(filepath=str(sounds[0]), frame=10)
    if not strips(scene):
        pytest.skip("this Blender was built without sound")
    bpy.ops.facewright.bake()
    return ann


def duplicate(obj, linked):
    """A copy as Shift D or Alt D makes it: active, and beside the original."""
    for other in bpy.context.view_layer.objects:
        other.select_set(other == obj)
    bpy.context.view_layer.objects.active = obj
    assert bpy.ops.object.duplicate(linked=linked) == {"FINISHED"}
    copy = bpy.context.view_layer.objects.active
    assert copy != obj
    return copy


def sounds_in(scene):
    return sorted((strip.name, strip.frame_final_start) for strip in strips(scene))


def keys_of(obj):
    return {one.data_path: actions.read(one).tobytes() for one in actions.fcurves_of(obj.data.shape_keys)}


@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("work", ["move", "remove", "generate"])
def test_sounds_and_keys_of_the_original_stay(ann, scene, sounds, linked, work):
    copy = duplicate(ann, linked)
    before, keys, key = sounds_in(scene), keys_of(ann), lines.key_of(ann)
    if work == "move":
        copy.facewright.frame = 80
        assert lines.items(copy)[0].frame == 80
    elif work == "remove":
        bpy.ops.facewright.line_remove()
        assert not len(lines.items(copy))
    else:
        bpy.ops.facewright.generate(filepath=str(sounds[1]), frame=10)
        assert len(lines.items(copy)) == 1
    assert set(before) <= set(sounds_in(scene))
    assert keys_of(ann) == keys and lines.key_of(ann) == key
    assert ann.facewright.frame == 10 and lines.key_of(copy) != key
    ann.facewright.frame = 30  # and the original goes on owning its own
    assert [place for _, place in sounds_in(scene)].count(30) == 1


def test_a_bake_that_was_copied_is_the_copys_own(ann, scene):
    copy = duplicate(ann, linked=False)
    if copy.data.shape_keys.animation_data.action == ann.data.shape_keys.animation_data.action:
        copy.data.shape_keys.animation_data.action = copy.data.shape_keys.animation_data.action.copy()
    keys = keys_of(ann)
    curve(copy).keyframe_points[10].co[1] = 0.77
    at = curve(copy).keyframe_points[10].co[0]
    copy.facewright.frame = 60
    bpy.ops.facewright.bake()
    assert keys_of(ann) == keys
    # What was baked at frame 10 goes, for it is the same line; the hand edit stays.
    assert {frame: value for frame, value in held(copy).items() if frame < 50} == {at: pytest.approx(0.77)}
    assert bpy.ops.facewright.unbake() == {"FINISHED"}
    assert keys_of(ann) == keys


def test_unbake_on_a_linked_copy_leaves_the_keys_of_the_original(ann, scene):
    copy = duplicate(ann, linked=True)
    keys = keys_of(ann)
    assert "a line of 'Ann'" in error_of(bpy.ops.facewright.unbake)
    assert keys_of(ann) == keys
    bpy.context.view_layer.objects.active = ann
    assert bpy.ops.facewright.unbake() == {"FINISHED"}
    assert not actions.fcurves_of(copy.data.shape_keys)


def test_a_copy_of_a_scene_goes_on_with_the_sounds_that_were_copied(ann, scene):
    bpy.ops.scene.new(type="FULL_COPY")
    other = bpy.context.scene
    copy = next(obj for obj in other.objects if obj != ann)
    bpy.context.view_layer.objects.active = copy
    before = sounds_in(scene)
    copy.facewright.frame = 50
    assert sounds_in(scene) == before
    assert [place for _, place in sounds_in(other)] == [50]
