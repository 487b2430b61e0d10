# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage of the preview: a head moved by keyed shape keys, three lights, a camera and a plain background.

Blender 5.0 or later. bpy is imported inside functions: nothing else in this folder needs Blender.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.motion import Motion
from ..heads.model import FaceModel

if TYPE_CHECKING:
    import bpy

# Kind: place around the face in head heights (x to the character's left, y back, z up), watts, size, linear RGB.
_LIGHTS = {
    "Key": ((-1.9, -2.0, 1.7), 85.0, 1.0, (1.0, 0.94, 0.87)),
    "Fill": ((0.9, -2.8, -0.5), 22.0, 1.6, (0.86, 0.93, 1.0)),  # low and in front: the teeth must show
    "Rim": ((2.1, 1.6, 0.9), 26.0, 0.9, (0.85, 0.93, 1.0)),
}
_LENS = 85.0  # mm on a 36 mm sensor: a portrait lens, which does not enlarge the nose
_AMBIENT = (0.10, 0.11, 0.13)
_BACKGROUND = ((0.030, 0.038, 0.050), (0.22, 0.26, 0.31))  # rim and centre of the picture


def build_stage(scene: bpy.types.Scene, head: FaceModel, motion: Motion) -> bpy.types.Object:
    """Put `head` into `scene`, frame 1 being the first of `motion`, lit and seen from the front; returns its object."""
    obj = _head_object(head)
    scene.collection.objects.link(obj)
    _key_shapes(obj, motion)
    _key_rotation(obj, motion)
    skin = head.neutral[head.parts["skin"].vertices]
    top, bottom = float(skin[:, 2].max()), float(skin[:, 2].min())
    height = min(top - bottom, 0.26)  # a head with a bust is framed like one without
    centre = np.array([0.0, float(skin[:, 1].mean()), top - height / 2])
    for name, (place, watts, size, colour) in _LIGHTS.items():
        _add_light(scene, name, centre, np.array(place) * height, (watts * height**2, size * height, colour))
    _add_camera(scene, centre, height)
    _add_world(scene)
    return obj


def _head_object(head: FaceModel) -> bpy.types.Object:
    import bpy

    mesh = bpy.data.meshes.new(head.name)
    faces = [[corner for corner in face if corner >= 0] for face in head.faces.tolist()]
    mesh.from_pydata((head.neutral - head.neck).tolist(), [], faces)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(faces), dtype=bool))
    mesh.polygons.foreach_set("material_index", head.face_material.astype(np.int32))
    colours = mesh.color_attributes.new("Color", "FLOAT_COLOR", "POINT")
    opaque = np.pad(head.colors, ((0, 0), (0, 1)), constant_values=1).astype(np.float32)  # (V, 4)
    colours.data.foreach_set("color", opaque.ravel())
    for surface in head.materials:
        mesh.materials.append(_material(surface.name, surface.roughness))
    obj = bpy.data.objects.new(head.name, mesh)
    obj.location = head.neck.tolist()
    obj.shape_key_add(name="Basis")
    for name, offset in head.shapes.items():
        key = obj.shape_key_add(name=name)
        key.value = 0.0  # new keys are fully on in Blender 5.0
        key.data.foreach_set("co", (head.neutral - head.neck + offset).astype(np.float32).ravel())
    return obj


def _material(name: str, roughness: float) -> bpy.types.Material:
    import bpy

    material = bpy.data.materials.new(name)
    nodes, links = material.node_tree.nodes, material.node_tree.links
    colour = nodes.new("ShaderNodeVertexColor")
    colour.layer_name = "Color"
    surface = nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = roughness
    links.new(colour.outputs["Color"], surface.inputs["Base Color"])
    return material


def _key_shapes(obj: bpy.types.Object, motion: Motion) -> None:
    keys = obj.data.shape_keys
    names = [name for name in motion.channels if name in keys.key_blocks and not name.startswith("viseme_")]
    curves = {f'key_blocks["{name}"].value': motion.channel(name) for name in names}
    _write_curves(keys, "KEY", curves)


def _key_rotation(obj: bpy.types.Object, motion: Motion) -> None:
    obj.rotation_mode = "YXZ"  # roll first, then pitch, then yaw, as `core.rotations.upright`
    turns = (motion.channel("headPitch"), -motion.channel("headRoll"), -motion.channel("headYaw"))
    _write_curves(obj, "OBJECT", {("rotation_euler", axis): turn for axis, turn in enumerate(turns)})


def _write_curves(owner: bpy.types.ID, kind: str, curves: dict) -> None:
    """Key one value per frame from frame 1; a curve is named by its data path, or by that and an index."""
    import bpy

    action = bpy.data.actions.new(f"{owner.name} Speech")
    slot = action.slots.new(kind, owner.name)
    bag = action.layers.new("Speech").strips.new(type="KEYFRAME").channelbag(slot, ensure=True)
    for target, values in curves.items():
        path, index = target if isinstance(target, tuple) else (target, 0)
        points = bag.fcurves.new(path, index=index).keyframe_points
        points.add(len(values))
        frames = np.arange(1, len(values) + 1, dtype=np.float32)
        points.foreach_set("co", np.stack([frames, values], axis=1).ravel().astype(np.float32))
        points.foreach_set("interpolation", np.ones(len(values), dtype=np.int32))  # linear
    data = owner.animation_data_create()
    data.action, data.action_slot = action, slot


def _add_light(scene: bpy.types.Scene, name: str, centre: np.ndarray, place: np.ndarray, lamp: tuple) -> None:
    import bpy

    light = bpy.data.lights.new(name, "AREA")
    light.energy, light.size, light.color = lamp
    _aim(scene, bpy.data.objects.new(name, light), centre, place)


def _add_camera(scene: bpy.types.Scene, centre: np.ndarray, height: float) -> None:
    import bpy

    camera = bpy.data.cameras.new("Camera")
    camera.lens, camera.sensor_width = _LENS, 36.0
    distance = 1.16 * height * camera.lens / camera.sensor_width
    scene.camera = bpy.data.objects.new("Camera", camera)
    _aim(scene, scene.camera, centre, np.array([-0.12, -1.0, 0.03]) * distance)


def _aim(scene: bpy.types.Scene, obj: bpy.types.Object, centre: np.ndarray, place: np.ndarray) -> None:
    """Put the object at `place` from the centre and turn its -Z axis back to it."""
    from mathutils import Vector

    scene.collection.objects.link(obj)
    obj.location = (centre + place).tolist()
    obj.rotation_euler = Vector((-place).tolist()).to_track_quat("-Z", "Y").to_euler()


def _add_world(scene: bpy.types.Scene) -> None:
    """An even light from all around, behind a soft spot of grey that only the camera sees."""
    import bpy

    scene.world = bpy.data.worlds.new("World")
    tree = scene.world.node_tree
    nodes, links = tree.nodes, tree.links
    seen, lit, mix = (nodes.new(f"ShaderNode{kind}") for kind in ("Background", "Background", "MixShader"))
    lit.inputs["Color"].default_value = (*_AMBIENT, 1)
    window, spot, ramp, path = (
        nodes.new(f"ShaderNode{kind}") for kind in ("TexCoord", "VectorMath", "ValToRGB", "LightPath")
    )
    spot.operation = "DISTANCE"
    spot.inputs[1].default_value = (0.5, 0.55, 0.0)
    ramp.color_ramp.elements[0].color, ramp.color_ramp.elements[1].color = ((*c, 1) for c in reversed(_BACKGROUND))
    ramp.color_ramp.elements[1].position = 0.75
    ramp.color_ramp.interpolation = "EASE"
    links.new(window.outputs["Window"], spot.inputs[0])
    links.new(spot.outputs["Value"], ramp.inputs["Fac"])
    links.new(ramp.outputs["Color"], seen.inputs["Color"])
    links.new(path.outputs["Is Camera Ray"], mix.inputs[0])
    links.new(lit.outputs[0], mix.inputs[1])
    links.new(seen.outputs[0], mix.inputs[2])
    links.new(mix.outputs[0], nodes["World Output"].inputs["Surface"])
