# SPDX-License-Identifier: GPL-3.0-or-later
"""The artist's own values stay the artist's: of every kind of control, shared, renamed, copied, linked, autosaved."""

import bpy
import numpy as np
import pytest
from support.characters import make_mesh, random_motion, value
from support.drawn_mouths import motion as drawn_motion
from support.made_takes import made_up, of
from support.targets_examples import EXAMPLES

from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preview import own_values
from facewright.addon.takes import store
from facewright.inference.core.channels import ARKIT

DRAWN = {"grease_pencil", "image_sequence", "object_swap"}


def push(message):
    bpy.ops.ed.undo_push(message=message)


def speaking(obj, motion=None):
    """Give the character of an object a take; returns the name of its root."""
    root = character.find(obj, bpy.context.scene).root
    store.add(root, [store.Take(motion or random_motion(60), Speech("/a.wav"), 0, "CPU")])
    return root.name


def controls(name):
    who = character.find(bpy.data.objects[name], bpy.context.scene)
    return [(part, control) for part in who.parts for control in part.rig.controls]


def values(name):
    return np.array([part.target.value(part.block, control) for part, control in controls(name)])


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_kind_of_control_comes_back_with_undo_and_redo(kind, scene, tmp_path):
    name = speaking(EXAMPLES[kind](tmp_path), drawn_motion() if kind in DRAWN else None)
    for number, (part, control) in enumerate(controls(name)):
        part.target.set_value(part.block, control, 1 + number % 2 if kind in DRAWN else 0.25 + 0.01 * (number % 7))
    own = values(name)
    push("own")
    bpy.data.objects[name].facewright.preview = True
    push("shown")
    for frame, step in ((9, "moved"), (14, "moved again")):
        bpy.context.scene.frame_set(frame)
        bpy.data.objects[name].location.x += 1
        push(step)
    shown = values(name)
    assert np.abs(shown - own).max() > 0.01
    bpy.data.objects[name].facewright.preview = False
    push("off")
    np.testing.assert_allclose(values(name), own, atol=1e-6)
    for on in (True, True, True, False):
        bpy.ops.ed.undo()
        assert bpy.data.objects[name].facewright.preview is on
    np.testing.assert_allclose(values(name), own, atol=1e-6)
    for _ in range(3):
        bpy.ops.ed.redo()
    np.testing.assert_allclose(values(name), shown, atol=1e-6)
    bpy.data.objects[name].facewright.preview = False
    np.testing.assert_allclose(values(name), own, atol=1e-6)
    assert not [*own_values.holders()]
    bpy.ops.ed.redo()
    np.testing.assert_allclose(values(name), own, atol=1e-6)


def test_a_take_that_is_clicked_is_seen_over_an_action(face, scene):
    block = face.data.shape_keys.key_blocks["browInnerUp"]
    for frame, level in ((1, 0.0), (101, 1.0)):
        block.value = level
        block.keyframe_insert("value", frame=frame)
    root = made_up(face, 3)
    scene.frame_set(20)

    def brow(place):
        return pytest.approx(of(root, place).motion.select(["browInnerUp"]).at([19 / 24])[0, 0], abs=1e-5)

    for place in (1, 0, 2):
        root.facewright.take_index = place
        bpy.context.view_layer.update()
        assert value(face, "browInnerUp") == brow(place)
    block.keyframe_insert("value", frame=60)
    bpy.context.view_layer.update()
    assert value(face, "browInnerUp") == brow(2)
    root.facewright.preview = False
    bpy.context.view_layer.update()
    assert value(face, "browInnerUp") != brow(2)


def test_two_characters_that_share_a_mesh(scene):
    first = make_mesh("Ann", ARKIT)
    second = bpy.data.objects.new("Ben", first.data)
    scene.collection.objects.link(second)
    first.data.shape_keys.key_blocks["jawOpen"].value = 0.375
    for obj in (first, second):
        speaking(obj)
        obj.facewright.preview = True
    scene.frame_set(20)
    first.facewright.preview = False
    scene.frame_set(21)
    assert value(second, "jawOpen") != 0.375
    second.facewright.preview = False
    assert value(first, "jawOpen") == 0.375


def test_what_is_renamed_or_deleted_meanwhile(face, scene):
    root = made_up(face, 1)
    keys = face.data.shape_keys.key_blocks
    keys["jawOpen"].value, keys["jawLeft"].value, keys["cheekPuff"].value = 0.375, 0.25, 0.125
    root.facewright.preview = True
    scene.frame_set(20)
    keys["jawOpen"].name = "opener"
    root.facewright.preview = False
    assert (keys["opener"].value, keys["jawLeft"].value) == (0.375, 0.25)
    root.facewright.preview = True
    face.shape_key_remove(keys["jawForward"])
    root.facewright.preview = False
    assert (keys["opener"].value, keys["jawLeft"].value, keys["cheekPuff"].value) == (0.375, 0.25, 0.125)


def test_a_copy_of_a_character_has_the_artists_values_with_undo_and_in_files_too(face, scene, tmp_path):
    root = made_up(face, 1)
    face.data.shape_keys.key_blocks["jawOpen"].value = 0.375
    push("own")
    root.facewright.preview = True
    scene.frame_set(20)
    for obj in scene.objects:
        obj.select_set(True)
    bpy.ops.object.duplicate()
    bpy.context.view_layer.update()

    def check():
        copied, first = bpy.data.objects["Bob face.001"], bpy.data.objects["Bob face"]
        assert not copied.parent.facewright.preview and value(copied, "jawOpen") == 0.375
        assert first.parent.facewright.preview and value(first, "jawOpen") != 0.375

    check()
    push("copied")
    bpy.data.objects["Bob"].location.x = 1
    push("moved")
    bpy.ops.ed.undo()
    check()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    check()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert {value(bpy.data.objects[name], "jawOpen") for name in ("Bob face", "Bob face.001")} == {0.375}
    assert not [*own_values.holders()]


def test_a_file_that_blender_saved_by_itself_opens_with_the_artists_values(face, scene, tmp_path):
    root = made_up(face, 1)
    face.data.shape_keys.key_blocks["jawOpen"].value = 0.375
    root.facewright.preview = True
    scene.frame_set(20)
    handlers = bpy.app.handlers.save_pre[:]
    bpy.app.handlers.save_pre.clear()  # Blender calls none when it saves by itself
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"), copy=True)
    bpy.app.handlers.save_pre.extend(handlers)
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert not bpy.data.objects["Bob"].facewright.preview
    assert value(bpy.data.objects["Bob face"], "jawOpen") == 0.375
    assert not [*own_values.holders()] and "facewright_shown" not in bpy.data.objects["Bob"]


def test_an_overridden_character(face, scene, tmp_path):
    made_up(face, 2)
    face.data.shape_keys.key_blocks["jawOpen"].value = 0.375
    collection = bpy.data.collections.new("Bob")
    for obj in list(scene.objects):
        scene.collection.objects.unlink(obj)
        collection.objects.link(obj)
    bpy.data.libraries.write(str(tmp_path / "bob.blend"), {collection})
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(tmp_path / "bob.blend"), link=True) as (_, here):
        here.collections = ["Bob"]
    own = bpy.data.collections["Bob"].override_hierarchy_create(
        bpy.context.scene, bpy.context.view_layer, do_fully_editable=True
    )
    root = next(obj for obj in own.all_objects if obj.parent is None)
    name, its_face = root.name, next(obj.name for obj in own.all_objects if "face" in obj.name)
    push("linked")

    def now():
        obj = next(o for o in bpy.data.objects if o.name == its_face and o.override_library)
        return value(obj, "jawOpen")

    def its_root():
        return next(o for o in bpy.data.objects if o.name == name and o.override_library)

    its_root().facewright.preview = True
    bpy.context.scene.frame_set(20)
    push("shown")
    shown = now()
    assert shown != 0.375
    bpy.ops.ed.undo()
    assert not its_root().facewright.preview and now() == 0.375
    bpy.ops.ed.redo()
    bpy.context.scene.frame_set(20)
    assert its_root().facewright.preview and now() == pytest.approx(shown, abs=1e-6)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    assert now() == 0.375 and not [*own_values.holders()]


@pytest.mark.parametrize("mode", ["EDIT", "SCULPT"])
def test_a_preview_that_is_switched_while_a_mesh_is_edited(face, scene, mode):
    made_up(face, 1)
    face.data.shape_keys.key_blocks["jawOpen"].value = 0.375
    push("own")
    bpy.ops.object.mode_set(mode=mode)
    push("editing")
    bpy.data.objects["Bob"].facewright.preview = True
    push("shown")
    bpy.context.scene.frame_set(20)
    if mode == "EDIT":
        bpy.ops.mesh.select_all(action="DESELECT")
        push("nothing selected")
    for turn in (bpy.ops.ed.undo, bpy.ops.ed.undo, bpy.ops.ed.redo, bpy.ops.ed.undo, bpy.ops.ed.undo):
        if turn.poll():
            turn()
        root, its_face = bpy.data.objects["Bob"], bpy.data.objects["Bob face"]
        assert root.facewright.preview == (value(its_face, "jawOpen") != 0.375)
        assert root.facewright.preview == (own_values.OWN in its_face.data.shape_keys)
    bpy.data.objects["Bob"].facewright.preview = False
    assert value(bpy.data.objects["Bob face"], "jawOpen") == 0.375
