# SPDX-License-Identifier: GPL-3.0-or-later
"""The first minute: where the sound begins, where the head stands, what the sidebar shows and in which order."""

import bpy
import numpy as np
import pytest
from mathutils import Vector
from support.characters import strips

from facewright.addon.adjust.properties import ADJUSTMENTS
from facewright.addon.styles import store as styles
from facewright.addon.takes import lines
from facewright.addon.ui import help as guide


def begins(face):
    return [line.frame for line in lines.items(face.parent)]


def test_the_sound_begins_with_the_scene_at_the_playhead_or_at_a_frame(face, scene, sounds):
    settings, sound = face.parent.facewright, str(sounds[0])
    scene.frame_start, scene.frame_end = 101, 200
    scene.frame_set(140)
    for choice, frame in (("SCENE", 101), ("PLAYHEAD", 140), ("FRAME", 1)):
        settings.lines.clear()
        settings.takes.clear()
        settings.begins = choice
        if choice == "FRAME":
            settings.frame = 1.0
        bpy.ops.facewright.generate(filepath=sound)
        assert begins(face) == [frame], choice
    bpy.ops.facewright.generate(filepath=sound)  # the line stays where it is
    assert begins(face) == [1]
    bpy.ops.facewright.generate(filepath=sound, frame=7)
    assert begins(face) == [1, 7]


def test_a_frame_that_was_set_counts_as_it_always_did(face, scene, sounds):
    scene.frame_start = 101
    face.parent.facewright.frame = 30
    bpy.ops.facewright.generate(filepath=str(sounds[0]))
    assert begins(face) == [30]
    assert not strips(scene) or strips(scene)[0].frame_final_start == 30


def test_a_sound_is_chosen_relative_to_the_file(face, scene, sounds, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    root = bpy.data.objects["Bob"]
    bpy.ops.facewright.sound_choose(filepath=str(sounds[0]))
    assert root.facewright.filepath == f"//{sounds[0].name}"
    bpy.ops.facewright.sound_choose(filepath=str(sounds[1]), relative_path=False)
    assert root.facewright.filepath == str(sounds[1])
    assert bpy.ops.facewright.generate() == {"FINISHED"}


def box(objects):
    bpy.context.view_layer.update()
    corners = [obj.matrix_world @ Vector(corner) for obj in objects if obj.type == "MESH" for corner in obj.bound_box]
    return np.min(corners, axis=0), np.max(corners, axis=0)


@pytest.mark.parametrize("at", [(0, 0, 0), (5, 5, 0)])
def test_the_head_stands_clear_of_what_is_there(scene, at):
    bpy.ops.mesh.primitive_cube_add(size=2)
    bpy.ops.mesh.primitive_cube_add(size=1, location=(1.6, 0, 0))
    cubes = list(scene.objects)
    scene.cursor.location = at
    heads = []
    for _ in range(2):
        bpy.ops.mesh.facewright_head()
        heads.append([obj for obj in bpy.context.selected_objects if obj.type == "MESH"])
    for others in ([one] for one in cubes):
        (low, high), (other_low, other_high) = box(heads[0]), box(others)
        assert (high < other_low).any() or (low > other_high).any()
    (low, high), (second, _) = box(heads[0]), box(heads[1])
    assert second[0] > high[0]
    if at == (5, 5, 0):  # nothing is in the way there
        assert low[0] < 5 < high[0]


def test_capture_is_last_and_closed_bake_above_sliders_and_emotions_on_their_own(scene):
    kinds = [getattr(bpy.types, name) for name in dir(bpy.types) if name.startswith("FACEWRIGHT_PT_")]
    tops = {kind.bl_label: kind for kind in kinds if not getattr(kind, "bl_parent_id", "")}
    order = sorted(tops, key=lambda label: getattr(tops[label], "bl_order", 0))
    assert order[-1] == "Capture from Video" and "DEFAULT_CLOSED" in tops["Capture from Video"].bl_options
    assert order.index("Takes") < order.index("Bake") < order.index("Sliders") < order.index("Emotion")


def test_sliders_name_their_neutral_and_presets_have_capitals(face, scene):
    properties = face.parent.facewright.bl_rna.properties
    for field, one in ADJUSTMENTS.items():
        assert properties[field].description.endswith(f"At {one.neutral:g} it changes nothing")
    assert styles.label("broad stage") == "Broad Stage"
    assert styles.label("my own style") == "my own style"
    assert bpy.ops.facewright.style_choose(name="broad stage") == {"FINISHED"}


def test_help_comes_with_the_extension(scene):
    for name in guide.PAGES:
        assert guide.page(name).read_text(encoding="utf-8").startswith("# ")
    facts = guide.facts()
    assert bpy.app.version_string in facts and "Facewright: 0." in facts
