# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn mouths for the tests in Blender: small ones to bake on, and what is seen of them on a frame."""

import bpy
import numpy as np

from facewright.addon.bake import bake
from facewright.addon.blender import actions
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion

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
    return {(curve.data_path, curve.array_index): curve for curve in actions.fcurves_of(block)}


def held_still(obj):
    inspection.mend(bpy.context.scene, character.find(obj, bpy.context.scene), "image_plays")
    return obj


def write_pictures(folder):
    """Files mouth_01.png to mouth_09.png, of which number n is n/10 bright."""
    for number in range(1, 10):
        image = bpy.data.images.new("picture", 4, 4)
        image.pixels = [number / 10, 0, 0, 1] * 16
        image.filepath_raw, image.file_format = str(folder / f"mouth_{number:02d}.png"), "PNG"
        image.save()
        bpy.data.images.remove(image)
    return folder


def sequence(pictures):
    image = bpy.data.images.load(str(pictures / "mouth_01.png"))
    image.source = "SEQUENCE"
    image.colorspace_settings.name = "Non-Color"
    return image


def make_plane(pictures):
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
    bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = obj
    return obj


def modifier_of(obj):
    """The Time Offset modifier."""
    return (obj.modifiers if V3 else obj.grease_pencil_modifiers)[0]
