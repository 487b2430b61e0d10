# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn mouths in Blender: which drawing is seen on a frame, in Grease Pencil, image sequences and swapped objects."""

import bpy
import numpy as np
import pytest
from conftest import error_of

from facewright.addon import bake, bake_mode, character, drawn, keyframes, mapping, preflight, preview, takes, unbake
from facewright.addon.speech import Speech
from facewright.inference import preset
from facewright.inference.channels import CHANNELS
from facewright.inference.errors import RigError
from facewright.inference.motion import Motion

V3 = bpy.app.version >= (4, 3, 0)
RHUBARB = "ABCDEFGHX"
SAYS = (("sil", 0, 20), ("aa", 20, 40), ("PP", 40, 46), ("U", 46, 70), ("FF", 70, 80), ("sil", 80, 100))  # at 50 fps
SEEN = {2: "X", 8: "X", 13: "D", 17: "D", 21: "A", 28: "F", 36: "G", 45: "X"}  # frame at 24 fps, from frame 1: mouth


def motion(says=SAYS, jaw=False):
    values = np.zeros((100, len(CHANNELS)), np.float32)
    for name, first, last in says:
        values[first:last, CHANNELS.index(f"viseme_{name}")] = 1.0
    return Motion(values, CHANNELS, 50.0)


def grease_pencil(name, layers, drawings=(1,), fixed=True, parent=None):
    """Layers with a drawing on each of some frames; a drawing on frame f has a stroke of 10 f points."""
    data = (
        bpy.data.grease_pencils_v3 if bpy.app.version[:2] in ((4, 3), (4, 4), (4, 5)) else bpy.data.grease_pencils
    ).new(name)
    for layer in layers:
        made = data.layers.new(layer, set_active=False)
        for frame in drawings:
            if V3:
                made.frames.new(frame).drawing.add_strokes([10 * frame])
            else:
                made.frames.new(frame).strokes.new().points.add(10 * frame)
    obj = bpy.data.objects.new(name, data)
    obj.parent = parent
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    if fixed:
        every = obj.modifiers if V3 else obj.grease_pencil_modifiers
        every.new("Time Offset", "GREASE_PENCIL_TIME" if V3 else "GP_TIME").mode = "FIX"
    return obj


def seen_layers(obj):
    """Visible layers of the evaluated object, and the frame whose drawing each shows."""
    data = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).data
    found = {}
    for layer in data.layers:
        now = layer.current_frame() if V3 else layer.active_frame
        strokes = now.drawing.strokes if V3 else now.strokes
        if not layer.hide and layer.opacity > 0:
            found[layer.name if V3 else layer.info] = len(strokes[0].points) // 10
    return found


def bake_it(obj, what=None, mode=None):
    scene = bpy.context.scene
    return bake.bake_motion(scene, character.find(obj, scene), what or motion(), frame=1.0, name="speech", mode=mode)


def over_time(look, frames=SEEN):
    found = {}
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        found[frame] = look()
    return found


def curves(block):
    return {(curve.data_path, curve.array_index): curve for curve in keyframes.fcurves_of(block)}


@pytest.fixture
def mouth(scene):
    """A mouth of nine drawings on frames 1 to 9, of which a modifier shows one."""
    return grease_pencil("Bob mouth", ["Lines", "Fills"], range(1, 10))


@pytest.fixture
def pictures(tmp_path):
    """Files mouth_01.png to mouth_09.png, of which number n is n/10 bright."""
    for number in range(1, 10):
        image = bpy.data.images.new("picture", 4, 4)
        image.pixels = [number / 10, 0, 0, 1] * 16
        image.filepath_raw, image.file_format = str(tmp_path / f"mouth_{number:02d}.png"), "PNG"
        image.save()
        bpy.data.images.remove(image)
    return tmp_path


def sequence(pictures):
    image = bpy.data.images.load(str(pictures / "mouth_01.png"))
    image.source = "SEQUENCE"
    image.colorspace_settings.name = "Non-Color"
    return image


@pytest.fixture
def plane(scene, pictures):
    """A plane that shines with the sequence, as Blender makes it: playing."""
    mesh = bpy.data.meshes.new("Bob")
    mesh.from_pydata([(-1, -1, 0), (1, -1, 0), (1, 1, 0), (-1, 1, 0)], [], [(0, 1, 2, 3)])
    mesh.uv_layers.new()
    material = bpy.data.materials.new("Bob mouth")
    material.use_nodes = True
    tree = material.node_tree
    tree.nodes.clear()
    texture, shine, out = (tree.nodes.new(f"ShaderNode{kind}") for kind in ("TexImage", "Emission", "OutputMaterial"))
    texture.image = sequence(pictures)
    tree.links.new(texture.outputs[0], shine.inputs[0])
    tree.links.new(shine.outputs[0], out.inputs[0])
    mesh.materials.append(material)
    obj = bpy.data.objects.new("Bob", mesh)
    scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    return obj


def held_still(obj):
    preflight.mend(bpy.context.scene, character.find(obj, bpy.context.scene), "image_plays")
    return obj


def test_a_time_offset_shows_the_drawing_of_each_sound(mouth):
    who = character.find(mouth, bpy.context.scene)
    assert who.convention.startswith("Rhubarb A-H, X") and who.coverage == "14 of 14 channels on 1 object"
    report = bake_it(mouth)
    assert not report.warnings
    shown = over_time(lambda: seen_layers(mouth))
    assert shown == {frame: dict.fromkeys(("Lines", "Fills"), RHUBARB.index(name) + 1) for frame, name in SEEN.items()}
    (curve,) = curves(mouth).values()
    assert {key.interpolation for key in curve.keyframe_points} == {"CONSTANT"}
    frames = np.array([key.co[0] for key in curve.keyframe_points])
    assert (np.diff(frames) >= 2).all() and (frames % 1 == 0).all()
    assert len(frames) == 7 == report.keys  # six drawings, and the end


@pytest.mark.parametrize("key", ["preston_blair", "oculus"])
def test_as_many_drawings_as_a_set_has_are_that_set_in_its_order(scene, key):
    names = [target.name for target in drawn.sets()[key].targets]
    obj = grease_pencil("Mouth", ["Lines"], range(101, 101 + len(names)))
    bake_it(obj)
    closed = {"preston_blair": "MBP", "oculus": "viseme_PP"}[key]
    rest = {"preston_blair": "rest", "oculus": "viseme_sil"}[key]
    shown = over_time(lambda: names[seen_layers(obj)["Lines"] - 101])
    assert shown[21] == closed and shown[2] == shown[45] == rest


def test_drawings_are_known_by_timeline_markers(scene):
    obj = grease_pencil("Face", ["Lines"], (3, 5, 8, 20, 31))
    for name, frame in (("MBP", 31), ("AI", 3), ("rest", 8), ("U", 5), ("FV", 20)):
        scene.timeline_markers.new(name, frame=frame)
    bake_it(obj)
    shown = over_time(lambda: seen_layers(obj)["Lines"])
    assert shown == {2: 8, 8: 8, 13: 3, 17: 3, 21: 31, 28: 5, 36: 20, 45: 8}


def test_what_is_no_mouth_is_left_alone(scene):
    obj = grease_pencil("Hand", ["Lines"], range(1, 10))  # nine drawings of something
    with pytest.raises(RigError, match="Nothing tells which drawing of 'Hand' is which mouth"):
        character.find(obj, scene)
    assert bpy.ops.facewright.drawings_in_order(mouths="rhubarb") == {"FINISHED"}
    bake_it(obj)
    assert over_time(lambda: seen_layers(obj)["Lines"]) == {f: RHUBARB.index(name) + 1 for f, name in SEEN.items()}


def test_layers_named_after_mouths_are_shown_and_hidden(scene):
    obj = grease_pencil("Bob", ["Face", *(f"Mouth {name}" for name in RHUBARB)], fixed=False)
    assert character.find(obj, scene).convention.startswith("Rhubarb A-H, X")
    bake_it(obj)
    shown = over_time(lambda: set(seen_layers(obj)))
    assert shown == {frame: {"Face", f"Mouth {name}"} for frame, name in SEEN.items()}
    assert len(curves(obj.data)) == 9


def test_a_material_shows_the_image_of_each_sound(plane, tmp_path):
    held_still(plane)
    report = bake_it(plane)
    assert not report.warnings
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    camera.location.z, camera.data.type, camera.data.ortho_scale, scene.camera = 3, "ORTHO", 1, camera
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
    scene.render.resolution_x = scene.render.resolution_y = 4
    scene.view_settings.view_transform = "Raw"
    scene.render.image_settings.file_format = "PNG"
    scene.render.filepath = str(tmp_path / "seen.png")

    def look():
        bpy.ops.render.render(write_still=True)
        picture = bpy.data.images.load(scene.render.filepath)
        picture.colorspace_settings.name = "Non-Color"
        number = round(picture.pixels[0] * 10)
        bpy.data.images.remove(picture)
        return RHUBARB[number - 1]

    assert over_time(look) == SEEN


def test_an_image_empty_shows_the_image_of_each_sound(scene, pictures):
    obj = bpy.data.objects.new("Mouth", None)
    scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    obj.empty_display_type, obj.data = "IMAGE", sequence(pictures)
    held_still(obj)
    bake_it(obj)

    def look():
        user = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).image_user
        return RHUBARB[user.frame_current - 1]

    assert over_time(look) == SEEN


def test_objects_named_after_mouths_are_swapped(scene, make_mesh):
    root = bpy.data.objects.new("Bob", None)
    scene.collection.objects.link(root)
    for name in RHUBARB:
        make_mesh(f"Bob mouth {name}", [], parent=root)
    make_mesh("Bob nose", [], parent=root)
    bpy.context.view_layer.objects.active = root
    assert bake_it(root).curves == 18

    def look():
        seen = {one.object.name for one in bpy.context.evaluated_depsgraph_get().object_instances} - {"Bob"}
        in_render = {obj.name for obj in scene.objects if not obj.hide_render} - {"Bob"}
        assert seen == in_render
        return seen

    assert over_time(look) == {frame: {"Bob nose", f"Bob mouth {name}"} for frame, name in SEEN.items()}


def test_three_set_ups_of_one_character_say_the_same(scene, plane):
    held_still(plane)
    mouth = grease_pencil("Mouth", ["Lines"], range(1, 10), parent=plane)
    side = grease_pencil("Mouth from the side", ["Lines"], range(1, 10), parent=plane)
    bake_it(mouth)
    tree = plane.data.materials[0].node_tree
    offset = tree.nodes["Image Texture"].image_user

    def look():
        return seen_layers(mouth)["Lines"], seen_layers(side)["Lines"], offset.frame_offset + 1

    assert over_time(look) == {f: (RHUBARB.index(name) + 1,) * 3 for f, name in SEEN.items()}
    if keyframes.SLOTTED:  # one Action for all
        assert mouth.animation_data.action == side.animation_data.action == tree.animation_data.action


@pytest.mark.parametrize("rate", [24, 30])
@pytest.mark.parametrize("hold", [0.0, 0.3])
def test_a_drawing_is_held_as_long_as_the_artist_wants(mouth, rate, hold):
    bpy.context.scene.render.fps = rate
    mouth.facewright.hold = hold
    bake_it(mouth)
    (curve,) = curves(mouth).values()
    frames = np.array([key.co[0] for key in curve.keyframe_points])
    assert np.diff(frames).min() >= max(round(hold * rate), 1)
    bpy.context.scene.frame_set(round(1 + 0.86 * rate))
    assert seen_layers(mouth)["Lines"] == RHUBARB.index("A") + 1  # lips close all the same


def test_preview_and_bake_show_the_same_and_values_come_back(mouth):
    scene = bpy.context.scene
    modifier = (mouth.modifiers if V3 else mouth.grease_pencil_modifiers)[0]
    modifier.offset = 4
    take = takes.Take(motion(), Speech("", 0.0, None, 1.0), 0, "")
    preview.start(scene, character.find(mouth, scene), take)
    frames = [*range(1, 50), 20.5]

    def look():
        return seen_layers(mouth)["Lines"]

    previewed = {}
    for frame in frames:
        scene.frame_set(int(frame), subframe=frame % 1)
        previewed[frame] = look()
    preview.stop(mouth)
    assert modifier.offset == 4
    bake_it(mouth)
    for frame in frames:
        scene.frame_set(int(frame), subframe=frame % 1)
        assert look() == previewed[frame], frame
    unbake.unbake(character.find(mouth, scene))
    assert mouth.animation_data is None and modifier.offset == 4


def test_the_action_in_use_is_kept_and_unbake_brings_it_back(mouth):
    modifier = (mouth.modifiers if V3 else mouth.grease_pencil_modifiers)[0]
    path = modifier.path_from_id("offset")
    modifier.offset = 7
    mouth.keyframe_insert(path, frame=1)
    old = mouth.animation_data.action
    bake_it(mouth)
    assert mouth.animation_data.action != old and old.use_fake_user
    unbake.unbake(character.find(mouth, bpy.context.scene))
    assert mouth.animation_data.action == old
    bpy.context.scene.frame_set(13)
    assert seen_layers(mouth)["Lines"] == 7


def test_hand_edits_survive_the_next_bake(mouth):
    bake_it(mouth)
    (curve,) = curves(mouth).values()
    key = next(key for key in curve.keyframe_points if key.co[1] == RHUBARB.index("D") + 1)
    where = int(key.co[0])
    key.co[1] = 8.0
    curve.update()
    other = motion((("sil", 0, 60), ("O", 60, 100)))
    report = bake_it(mouth, other)
    assert report.kept == 1
    shown = over_time(lambda: seen_layers(mouth)["Lines"], (where, 45))
    assert shown == {where: 8, 45: RHUBARB.index("E") + 1}


def test_a_range_leaves_the_rest_and_cuts_no_drawing_in_two(mouth):
    bake_it(mouth)
    other = motion((("sil", 0, 100),))
    bake_it(mouth, other, bake_mode.Mode(into=bake_mode.EXISTING, span=(15, 25), blend=4))
    shown = over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1], (13, 20, 28, 36))
    assert shown == {13: "D", 20: "X", 28: "F", 36: "G"}
    (curve,) = curves(mouth).values()
    assert all(key.co[1] in (1, 4, 6, 7, 9) for key in curve.keyframe_points)


def test_an_added_strip_shows_the_same(mouth):
    (mouth.modifiers if V3 else mouth.grease_pencil_modifiers)[0].offset = 5
    bake_it(mouth, mode=bake_mode.Mode(into=bake_mode.ADDITIVE))
    shown = over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1])
    assert shown == SEEN


def test_few_bezier_keys_of_shapes_and_held_drawings_go_together(make_mesh, mouth):
    face = make_mesh("Bob face", ["eyeBlinkLeft", "eyeBlinkRight", "browInnerUp"])
    mouth.parent = face
    blinking = motion().with_channels(["browInnerUp"], np.sin(np.arange(100) / 8)[:, None] ** 2)
    bake_it(face, blinking, bake_mode.Mode(keys=bake_mode.SPARSE, interpolation=bake_mode.BEZIER))
    assert {k.interpolation for c in curves(mouth).values() for k in c.keyframe_points} == {"CONSTANT"}
    assert {k.interpolation for c in curves(face.data.shape_keys).values() for k in c.keyframe_points} == {"BEZIER"}
    assert over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1]) == SEEN


def test_the_artist_says_which_drawing_is_which_mouth(mouth, tmp_path):
    scene = bpy.context.scene
    bpy.ops.facewright.drawing_is(drawing="2", shape="rhubarb.D")
    bpy.ops.facewright.drawing_is(drawing="4", shape="NONE")
    bake_it(mouth)
    shown = over_time(lambda: seen_layers(mouth)["Lines"])
    assert shown == {frame: 2 if name == "D" else RHUBARB.index(name) + 1 for frame, name in SEEN.items()}
    lines = mapping.stored(mouth)
    preset.write(lines, tmp_path / "mouth.toml")
    assert preset.read(tmp_path / "mouth.toml") == lines
    assert drawn.shape_of([line for line in lines if line.target == "2"], "2") == ("rhubarb", "D")
    said = error_of(bpy.ops.facewright.drawing_is, drawing="77", shape="rhubarb.D")
    assert "Expected a drawing of 'Bob mouth', got '77'" in said
    assert character.find(mouth, scene).mapped


def test_both_operators_are_one_undo_step_each(mouth):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.facewright.drawing_is(drawing="2", shape="rhubarb.D")
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert mapping.stored(bpy.data.objects["Bob mouth"]) is None


def test_pre_flight_tells_what_will_not_be_seen_and_mends_it(plane, mouth):
    scene = bpy.context.scene
    mouth.parent = plane
    modifier = (mouth.modifiers if V3 else mouth.grease_pencil_modifiers)[0]
    modifier.show_render = False
    who = character.find(plane, scene)
    assert "plays by itself" in " ".join(bake_it(plane).warnings)
    found = {one.check: one for one in preflight.inspect(scene, who)}
    assert found["image_plays"].severity == preflight.ERROR
    assert {"image_plays", "time_offset_off"} <= found.keys() and "drawing_missing" not in found
    for name in ("image_plays", "time_offset_off"):
        preflight.mend(scene, who, name)
    assert not {"image_plays", "time_offset_off"} & {one.check for one in preflight.inspect(scene, who)}
    user = plane.data.materials[0].node_tree.nodes["Image Texture"].image_user
    assert (user.frame_duration, user.use_auto_refresh, modifier.show_render) == (1, True, True)


def test_missing_drawings_and_files_are_named(plane, mouth, pictures):
    held_still(plane)
    mouth.parent = plane
    bpy.ops.object.select_all(action="DESELECT")
    bpy.ops.facewright.mapping_match()
    (pictures / "mouth_03.png").unlink()
    for layer in mouth.data.layers:
        layer.frames.remove(5 if V3 else next(frame for frame in layer.frames if frame.frame_number == 5))
    who = character.find(plane, bpy.context.scene)
    texts = " ".join(one.text for one in preflight.inspect(bpy.context.scene, who) if one.check == "drawing_missing")
    assert "'Bob mouth' has no drawing on frame 5" in texts
    assert "has no file with the number 3" in texts
    assert "no drawing on frame 5" in " ".join(bake_it(plane, motion((("O", 0, 100),))).warnings)
