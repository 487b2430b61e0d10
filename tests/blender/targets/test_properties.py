# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom properties of objects and pose bones: recognised by name, baked within their range, passed on by drivers."""

import bpy
import numpy as np
import pytest
from support.characters import only, random_motion, top, value

from facewright.addon.bake import bake, unbake
from facewright.addon.bake.mode import EXISTING, Mode
from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character, mapping
from facewright.addon.preflight import inspection
from facewright.addon.takes import store
from facewright.inference.core.channels import ARKIT, CHANNELS, VISEMES
from facewright.inference.core.motion import Motion

PANEL = 'pose.bones["Face \\"Panel\\""]'


def hang(obj, rig):
    obj.modifiers.new("Armature", "ARMATURE").object = rig


def drive(obj, shape, rig, path):
    """Let a property of the rig drive a shape key, as control panels do."""
    driver = obj.data.shape_keys.key_blocks[shape].driver_add("value").driver
    driver.type = "SUM"
    variable = driver.variables.new()
    variable.targets[0].id = rig
    variable.targets[0].data_path = path


@pytest.fixture
def rig(scene):
    """An armature with a bone whose name has quotes."""
    data = bpy.data.armatures.new("Rig")
    rig = bpy.data.objects.new("Rig", data)
    scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    bpy.ops.object.mode_set(mode="EDIT")
    for name in ('Face "Panel"', "Spine"):
        data.edit_bones.new(name).tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    return rig


@pytest.fixture
def panel(rig, make_mesh):
    """A face whose ARKit shapes are all driven by properties of a bone."""
    obj = make_mesh("face", ARKIT)
    hang(obj, rig)
    bone = rig.pose.bones['Face "Panel"']
    for name in ARKIT:
        bone[name] = 0.0
        bone.id_properties_ui(name).update(min=0.0, max=1.0, default=0.0)
        drive(obj, name, rig, f'{PANEL}["{name}"]')
    return obj


def baked(obj, motion, **mode):
    scene = bpy.context.scene
    report = bake.bake_motion(scene, character.find(obj, scene), motion, frame=1.0, name="speech", mode=Mode(**mode))
    scene.frame_set(1)
    return report


def test_a_panel_of_properties_moves_the_face_through_its_drivers(panel, rig, scene):
    who = character.find(panel, scene)
    assert [part.obj for part in who.parts] == [rig]  # not the shape keys, whose drivers would win
    assert who.coverage == "52 of 52 ARKit shapes on custom properties"
    report = baked(panel, only(jawOpen=0.7, mouthSmileLeft=0.4))
    assert report.curves == 52 and not report.warnings
    assert rig.pose.bones['Face "Panel"']["jawOpen"] == pytest.approx(0.7)
    said = np.zeros(3)
    said[ARKIT.index("jawOpen") % 3] += 0.7
    said[ARKIT.index("mouthSmileLeft") % 3] += 0.4
    np.testing.assert_allclose(top(panel), said, atol=1e-5)
    assert f'{PANEL}["jawOpen"]' in {curve.data_path for curve in actions.fcurves_of(rig)}
    assert who.unmatched == ()


def test_the_preview_passes_through_drivers_too(panel, rig, scene, speech):
    who = character.find(panel, scene)
    store.store(who.root, store.Take(only(jawOpen=1.0), Speech("", str(speech), 1.0, 0.0, None), 0, ""))
    rig.facewright.preview = True
    bpy.context.view_layer.update()
    assert value(panel.evaluated_get(bpy.context.evaluated_depsgraph_get()), "jawOpen") == pytest.approx(1)
    rig.facewright.preview = False
    assert rig.pose.bones['Face "Panel"']["jawOpen"] == 0


def test_hand_edits_survive_and_unbake_brings_back_what_was_there(panel, rig, scene):
    bone = rig.pose.bones['Face "Panel"']
    bone["browInnerUp"] = 0.25
    motion = random_motion(50)
    baked(panel, motion)
    curve = next(one for one in actions.fcurves_of(rig) if one.data_path.endswith('["jawOpen"]'))
    curve.keyframe_points[4].co.y = 0.123
    curve.update()
    report = baked(panel, motion)
    assert (report.kept, report.kept_curves) == (1, 1)
    scene.frame_set(int(curve.keyframe_points[4].co.x))
    assert bone["jawOpen"] == pytest.approx(0.123)
    assert bpy.ops.facewright.unbake() == {"FINISHED"} and bpy.ops.facewright.unbake() == {"FINISHED"}
    assert bone["browInnerUp"] == 0.25 and bone["jawOpen"] == 0 and rig.animation_data is None


def test_undo_takes_a_bake_of_properties_back(panel, rig, scene, speech):
    who = character.find(panel, scene)
    store.store(who.root, store.Take(random_motion(20), Speech("", str(speech), 1.0, 0.0, None), 0, ""))
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.facewright.bake() == {"FINISHED"}
    bpy.ops.ed.undo_push(message="bake")
    assert actions.fcurves_of(bpy.data.objects["Rig"])
    bpy.ops.ed.undo()
    assert bpy.data.objects["Rig"].animation_data is None


def test_values_fill_and_keep_to_the_range_of_the_property(scene, make_mesh):
    obj = make_mesh("puppet", [])
    for name, rest, low, high in (("jawOpen", 10.0, 0.0, 110.0), ("mouthFunnel", 0.0, -1.0, 0.5)):
        obj[name] = rest
        obj.id_properties_ui(name).update(min=low, max=high, soft_min=low, soft_max=high, default=rest)
    obj["mouthPucker"] = 3
    obj.id_properties_ui("mouthPucker").update(min=0, max=4, soft_min=0, soft_max=4, default=0)
    report = baked(obj, only(jawOpen=0.5, mouthFunnel=1.0, mouthPucker=0.4))
    assert (obj["jawOpen"], obj["mouthFunnel"], obj["mouthPucker"]) == pytest.approx((60, 0.5, 2))
    assert 'whole numbers, so they move in steps: ["mouthPucker"]' in str(report)
    baked(obj, only(), into=EXISTING)
    assert (obj["jawOpen"], obj["mouthFunnel"], obj["mouthPucker"]) == pytest.approx((10, 0, 0))


@pytest.mark.parametrize("mode", [{}, {"keys": "SPARSE", "interpolation": "BEZIER"}], ids=["every frame", "few"])
def test_whole_numbers_and_menus_stand_on_every_frame_as_the_take_says(scene, make_mesh, mode):
    obj = make_mesh("puppet", [])
    obj["jawOpen"] = obj["mouthFunnel"] = 0
    obj.id_properties_ui("jawOpen").update(min=0, max=30, default=0)
    mouths = [("SHUT", "Shut", "", 0), ("HALF", "Half", "", 1), ("WIDE", "Wide", "", 2)]
    obj.id_properties_ui("mouthFunnel").update(min=0, max=2, default=0, items=mouths)
    values = np.zeros((80, len(CHANNELS)), np.float32)
    wave = np.sin(np.linspace(0, 7, 80)) ** 2
    values[:, CHANNELS.index("jawOpen")] = values[:, CHANNELS.index("mouthFunnel")] = wave
    baked(obj, Motion(values, CHANNELS, 24.0), **mode)
    for frame, weight in enumerate(wave.tolist(), 1):
        scene.frame_set(frame)
        assert (obj["jawOpen"], obj["mouthFunnel"]) == (round(30 * weight), round(2 * weight)), frame
    unbake.unbake(character.find(obj, scene))
    assert (obj["jawOpen"], obj["mouthFunnel"]) == (0, 0)


def test_a_range_too_short_for_the_mapping_is_found_and_mended(scene, make_mesh, speech):
    obj = make_mesh("puppet", [])
    obj["jawOpen"] = 0.0
    obj.id_properties_ui("jawOpen").update(min=0.0, max=1.0, soft_min=0.0, soft_max=1.0)
    obj.facewright.filepath = str(speech)
    bpy.ops.facewright.mapping_match()
    for item in obj.facewright.mapping:
        item.max, item.gain = 2.0, 2 * item.gain
    checks = {one.check: one for one in inspection.inspect(scene, character.find(obj, scene))}
    assert "On 'puppet', custom properties end before the mapping does" in checks["property_range"].text
    baked(obj, only(jawOpen=1.0))
    assert obj["jawOpen"] == 1
    assert bpy.ops.facewright.mend(check="property_range") == {"FINISHED"}
    baked(obj, only(jawOpen=1.0))
    assert obj["jawOpen"] == 2
    assert "property_range" not in {one.check for one in inspection.inspect(scene, character.find(obj, scene))}


def test_two_bones_with_the_same_property_are_told_apart_by_the_name_of_the_bone(rig, scene):
    for bone in rig.pose.bones:
        bone["mouthOpen"] = 0.0
    rig["visible"] = True  # a switch is no control, nor is a text
    rig["note"] = "jawOpen"
    assert bpy.ops.facewright.mapping_add(source="jawOpen", target='Spine["mouthOpen"]') == {"FINISHED"}
    line = rig.facewright.mapping[len(rig.facewright.mapping) - 1]
    line.kind = "property"
    for other in rig.facewright.mapping[:-1]:
        other.use = False
    baked(rig, only(jawOpen=0.5))
    assert [bone["mouthOpen"] for bone in rig.pose.bones] == pytest.approx([0.0, 0.5])


def test_names_with_quotes_and_accents_are_keyed(scene, make_mesh):
    obj = make_mesh("puppet", [])
    name = 'lip "é" \\ x'
    obj[name] = 0.0
    bpy.ops.facewright.mapping_add(source="jawOpen", target=name)
    obj.facewright.mapping[0].kind = "property"
    baked(obj, only(jawOpen=0.5))
    assert obj[name] == pytest.approx(0.5)
    unbake.unbake(character.find(obj, scene))
    assert obj[name] == 0


def test_visemes_as_properties_rest_below_a_face_that_speaks(make_mesh, scene):
    obj = make_mesh("face", ARKIT)
    for name in VISEMES:
        obj[name] = 0.0
    assert bpy.ops.facewright.mapping_match() == {"FINISHED"}
    assert {line.use for line in mapping.stored(obj) if line.kind == "property"} == {False}
    assert character.find(obj, scene).convention.startswith("ARKit")
