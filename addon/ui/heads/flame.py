# SPDX-License-Identifier: GPL-3.0-or-later
"""Add > Mesh > FLAME Head: the head in the artist's own FLAME file, with shape keys for the 52 ARKit names."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import bpy
from bpy.props import StringProperty

from .... import __package__ as base_package
from ....inference.core.errors import FacewrightError, RigError
from ....inference.heads.model import FaceModel, Part
from .builtin import add_head

if TYPE_CHECKING:
    from ....inference.flame.face import FlameFace

NAME = "FLAME Head"
_INSIDE = (0.05, 0.01, 0.01, 1.0)


def add_flame_head(
    collection: bpy.types.Collection, model: FaceModel, location: tuple[float, float, float]
) -> tuple[bpy.types.Object, bpy.types.Object]:
    """Make the head as one mesh, its vertices in FLAME's own order, so that vertex caches of other tools fit.

    Returns
    -------
    tuple of bpy.types.Object
        The empty that holds it, and the mesh.
    """
    whole = Part(slice(0, len(model.neutral)), slice(0, len(model.faces)))
    root, parts = add_head(collection, replace(model, parts={"skin": whole}), location)
    root.name = NAME
    parts[0].name = parts[0].data.name = "FLAME Face"
    for material in parts[0].data.materials:
        _darken_inside(material)
    return root, parts[0]


def _darken_inside(material: bpy.types.Material) -> None:
    """Make the back of the skin dark: FLAME has no inside of the mouth, so open lips show the back of the head."""
    assert material.node_tree is not None
    nodes, links = material.node_tree.nodes, material.node_tree.links
    surface = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    color = surface.inputs["Base Color"].links[0].from_socket
    geometry, mix = nodes.new("ShaderNodeNewGeometry"), nodes.new("ShaderNodeMixRGB")
    geometry.location, mix.location = (-420, 80), (-200, 80)
    share, outside, inside = mix.inputs  # not by name: that of the first depends on the version of Blender
    inside.default_value = _INSIDE
    links.new(geometry.outputs["Backfacing"], share)
    links.new(color, outside)
    links.new(mix.outputs["Color"], surface.inputs["Base Color"])


@lru_cache(maxsize=1)  # two seconds, for the same head once more or for its keys
def _read(path: str, _changed: int | None) -> FlameFace:
    from ....inference.flame.face import flame_face  # imported late to keep start-up fast
    from ....inference.flame.model import FlameModel

    return flame_face(FlameModel.load(path))


class FlameFile:
    """The FLAME file of an operator: the one given, else the one used last."""

    if TYPE_CHECKING:
        filepath: str
        filter_glob: str
    else:
        filepath: StringProperty(name="FLAME File", subtype="FILE_PATH", options={"SKIP_SAVE"})
        filter_glob: StringProperty(default="*.pkl;*.npz", options={"HIDDEN"})

    def read(self) -> FlameFace:
        """Read the face from the file and remember the file as the one used last; raises FacewrightError."""
        path = bpy.path.abspath(self.filepath or chosen())
        if not path:
            raise RigError("No FLAME file is chosen. Choose the .pkl or .npz from https://flame.is.tue.mpg.de.")
        face = _read(path, Path(path).stat().st_mtime_ns if Path(path).is_file() else None)
        _remember(path)
        return face


class FACEWRIGHT_OT_add_flame_head(FlameFile, bpy.types.Operator):
    """Add the head of your FLAME file (.pkl or .npz), with shape keys for the 52 ARKit names, ready to speak"""

    bl_idname = "mesh.facewright_flame_head"
    bl_label = "FLAME Head"
    bl_options: ClassVar = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave the current mode for Object Mode first (Tab).")
            return False
        return True

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[str]:
        last = chosen()
        if last and Path(last).is_file():
            self.filepath = last
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        layer = context.view_layer
        try:
            face = self.read()
        except FacewrightError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        collection = layer.active_layer_collection.collection
        root, mesh = add_flame_head(collection, face.face_model(), tuple(context.scene.cursor.location))
        for obj in layer.objects:
            obj.select_set(False)
        for obj in (root, *root.children_recursive):
            obj.select_set(True)
        layer.objects.active = mesh
        return {"FINISHED"}


def _preferences() -> Any:
    """The add-on's preferences; None where it was registered by a script and has none."""
    addon = bpy.context.preferences.addons.get(base_package)
    return addon.preferences if addon else None


def chosen() -> str:
    """The FLAME file that was used last, from the preferences."""
    preferences = _preferences()
    return bpy.path.abspath(preferences.flame) if preferences else ""


def _remember(path: str) -> None:
    """Write a file into the preferences as the one used last."""
    preferences = _preferences()
    if preferences:
        preferences.flame = path


def _menu(self: Any, _context: bpy.types.Context) -> None:
    self.layout.operator(FACEWRIGHT_OT_add_flame_head.bl_idname, icon="USER")


_register, _unregister = bpy.utils.register_classes_factory((FACEWRIGHT_OT_add_flame_head,))


def register() -> None:
    _register()
    bpy.types.VIEW3D_MT_mesh_add.append(_menu)


def unregister() -> None:
    bpy.types.VIEW3D_MT_mesh_add.remove(_menu)
    _unregister()
