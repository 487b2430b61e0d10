# SPDX-License-Identifier: GPL-3.0-or-later
"""Add > Mesh > Facewright Head: the built-in head as objects, one for each part, under one empty."""

from __future__ import annotations

from typing import Any, ClassVar

import bpy
import numpy as np

from ....inference.core.errors import FacewrightError
from ....inference.heads.model import FaceModel, Material, Part
from ...targets.kinds import objects
from . import placing


def add_head(collection: bpy.types.Collection, model: FaceModel, location: tuple[float, float, float]) -> Any:
    """Make the head's objects and link them.

    Parameters
    ----------
    collection : bpy.types.Collection
        Gets the objects.
    model : FaceModel
        Geometry, shapes and colours.
    location : tuple of float
        Of the empty that holds them, metres.

    Returns
    -------
    tuple of bpy.types.Object and list of bpy.types.Object
        The empty, and the parts, skin first.
    """
    root = bpy.data.objects.new("Facewright Head", None)
    root.empty_display_type = "PLAIN_AXES"
    root.empty_display_size = 0.1
    root.location = location
    collection.objects.link(root)
    turning = _add_neck(collection, root, model)
    materials = [_material(material) for material in model.materials]
    parts = []
    for name, part in sorted(model.parts.items(), key=lambda item: item[0] != "skin"):
        obj = bpy.data.objects.new(f"Head {name.replace('_', ' ').title()}", _mesh(name, model, part, materials))
        collection.objects.link(obj)
        obj.parent = turning
        obj.location = -turning.location
        _add_shapes(obj, model, part)
        parts.append(obj)
    return root, parts


def _add_neck(collection: bpy.types.Collection, root: bpy.types.Object, model: FaceModel) -> bpy.types.Object:
    """Add the empty that nods and turns with the speech, so that the artist can place and key the root freely."""
    turning = bpy.data.objects.new("Head Turn", None)
    turning.empty_display_type = "CUBE"
    turning.empty_display_size = 0.005
    turning.parent = root
    turning.location = model.neck.tolist()
    turning.rotation_mode = objects.TURN_ORDER
    turning[objects.MARK] = True
    collection.objects.link(turning)
    return turning


def _mesh(name: str, model: FaceModel, part: Part, materials: list[bpy.types.Material]) -> bpy.types.Mesh:
    mesh = bpy.data.meshes.new(f"Facewright {name.replace('_', ' ')}")
    polygons = model.faces[part.polygons]
    used, slots = np.unique(model.face_material[part.polygons], return_inverse=True)
    corners = polygons[polygons >= 0] - part.vertices.start
    sizes = (polygons >= 0).sum(axis=1)
    mesh.vertices.add(part.vertices.stop - part.vertices.start)
    mesh.vertices.foreach_set("co", model.neutral[part.vertices].ravel())
    mesh.loops.add(len(corners))
    mesh.loops.foreach_set("vertex_index", corners.astype(np.int32))
    mesh.polygons.add(len(polygons))
    mesh.polygons.foreach_set("loop_start", (np.cumsum(sizes) - sizes).astype(np.int32))
    for index in used:
        mesh.materials.append(materials[index])
    mesh.polygons.foreach_set("material_index", slots.astype(np.int32))
    mesh.polygons.foreach_set("use_smooth", np.ones(len(polygons), bool))
    colors = mesh.color_attributes.new(_COLORS, "FLOAT_COLOR", "POINT")
    rgba = np.concatenate([model.colors[part.vertices], np.ones((len(mesh.vertices), 1))], axis=1)
    colors.data.foreach_set("color", rgba.astype(np.float32).ravel())
    mesh.validate()
    mesh.update(calc_edges=True)
    return mesh


def _add_shapes(obj: bpy.types.Object, model: FaceModel, part: Part) -> None:
    """Add shape keys for the shapes that move a part; the skin gets all of them, so that none seems to be missing."""
    moving = {
        name: offset[part.vertices]
        for name, offset in model.shapes.items()
        if part is model.parts["skin"] or np.abs(offset[part.vertices]).max() > 1e-6
    }
    if not moving:
        return
    obj.shape_key_add(name="Basis", from_mix=False)
    for name, offset in moving.items():
        block = obj.shape_key_add(name=name, from_mix=False)
        block.value = 0.0  # Blender 5.0 makes new keys fully on
        block.points.foreach_set("co", (model.neutral[part.vertices] + offset).astype(np.float32).ravel())


_COLORS = "Color"


def _material(description: Material) -> bpy.types.Material:
    material = bpy.data.materials.new(f"Facewright {description.name}")
    material.diffuse_color = (*description.color, 1.0)
    material.roughness = description.roughness
    if material.node_tree is None:  # from 5.0 on every material has one
        material.use_nodes = True
    assert material.node_tree is not None
    nodes, links = material.node_tree.nodes, material.node_tree.links
    surface = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Roughness"].default_value = description.roughness
    surface.inputs["Base Color"].default_value = (*description.color, 1.0)
    colors = nodes.new("ShaderNodeVertexColor")
    colors.layer_name = _COLORS
    colors.location = (-220, 260)
    links.new(colors.outputs["Color"], surface.inputs["Base Color"])
    return material


class FACEWRIGHT_OT_add_head(bpy.types.Operator):
    """Add a stylised head with all 52 ARKit shapes and 15 visemes, ready to speak"""

    bl_idname = "mesh.facewright_head"
    bl_label = "Facewright Head"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave the current mode for Object Mode first (Tab).")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        done = self.execute(context)
        if done == {"FINISHED"} and context.area is not None and context.area.type == "VIEW_3D":
            placing.bring_into_view(context, context.selected_objects)
        return done

    def execute(self, context: bpy.types.Context) -> set[str]:
        from ....inference.heads.builtin import builtin_head  # geometry code nobody needs at start-up

        layer = context.view_layer
        try:
            model = builtin_head()
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        low, high = model.neutral.min(axis=0), model.neutral.max(axis=0)
        place = placing.beside_others(context, tuple(context.scene.cursor.location), low, high)
        root, parts = add_head(layer.active_layer_collection.collection, model, place)
        for obj in layer.objects:
            obj.select_set(False)
        for obj in (root, *root.children, *parts):
            obj.select_set(True)
        layer.objects.active = parts[0]
        return {"FINISHED"}


def _menu(self: Any, _context: bpy.types.Context) -> None:
    self.layout.operator(FACEWRIGHT_OT_add_head.bl_idname, icon="USER")


_register, _unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_add_head,))


def register() -> None:
    _register()
    bpy.types.VIEW3D_MT_mesh_add.append(_menu)


def unregister() -> None:
    bpy.types.VIEW3D_MT_mesh_add.remove(_menu)
    _unregister()
