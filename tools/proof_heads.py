# SPDX-License-Identifier: GPL-3.0-or-later
"""Two heads that nobody here made, put into a scene as their makers' users have them: in parts, each with its shapes.

ICT-FaceKit (Li et al. 2020, https://github.com/USC-ICT/ICT-FaceKit, MIT) stands under an empty; the MPFB head
(https://github.com/makehumancommunity/mpfb2, CC0, its shapes MIT) is deformed by an armature. Their data are not part
of the repository: ../shared/data/head_*.npz. Needs nothing but bpy and NumPy, so that it runs inside any Blender.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import numpy as np

HEADS = ("ict", "mpfb")
STILL = 5e-5  # m; a shape that moves a part by less than this is no shape of it

# Of ICT-FaceKit, by vertex numbers (its documentation and the connected parts of the mesh): name, first, end, colour.
_ICT = (
    ("Face", 0, 11248, "skin"),
    ("Mouth Socket", 11248, 13294, "flesh"),
    ("Eye Sockets", 13294, 14062, "flesh"),
    ("Gums and Tongue", 14062, 17039, "flesh"),
    ("Upper Teeth", 17039, 19247, "teeth"),
    ("Lower Teeth", 19247, 21451, "teeth"),
    ("Left Cornea", 21451, 22221, "clear"),
    ("Left Eye", 22221, 23021, "eye"),
    ("Right Cornea", 23021, 23791, "clear"),
    ("Right Eye", 23791, 24591, "eye"),
    ("Tears", 24591, 25351, "clear"),
    ("Left Lashes", 25351, 26035, "lash"),
    ("Right Lashes", 26035, 26719, "lash"),
)
_MPFB = {
    "body": ("Face", "skin"),
    "helper-l-eye": ("Left Eye", "eye"),
    "helper-r-eye": ("Right Eye", "eye"),
    "helper-l-eyelashes-1": ("Left Lower Lashes", "lash"),
    "helper-l-eyelashes-2": ("Left Upper Lashes", "lash"),
    "helper-r-eyelashes-1": ("Right Lower Lashes", "lash"),
    "helper-r-eyelashes-2": ("Right Upper Lashes", "lash"),
    "helper-lower-teeth": ("Lower Teeth", "teeth"),
    "helper-upper-teeth": ("Upper Teeth", "teeth"),
    "helper-tongue": ("Tongue", "flesh"),
}
_COLOURS = {
    "skin": (0.62, 0.42, 0.33), "flesh": (0.46, 0.13, 0.12), "teeth": (0.80, 0.76, 0.66), "eye": (0.85, 0.83, 0.80),
    "iris": (0.10, 0.16, 0.20), "lash": (0.03, 0.02, 0.02), "clear": (1.0, 1.0, 1.0),
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Head:
    """A head as data.

    Parameters
    ----------
    name : str
        Of the object that holds its parts.
    points : ndarray [shape=(V, 3)]
        At rest, metres; +x the head's own left, -y in front, z up, the origin inside the head.
    faces : ndarray [shape=(N, 4)]
        -1 pads a triangle.
    shapes : dict of str to ndarray [shape=(V, 3)]
        Offsets, metres.
    parts : dict of str to tuple
        Name to the numbers of its faces and what it is made of.
    """

    name: str
    points: np.ndarray
    faces: np.ndarray
    shapes: dict[str, np.ndarray]
    parts: dict[str, tuple[np.ndarray, str]]


def load(which: str, folder: Path) -> Head:
    """Read "ict" or "mpfb" from ../shared/data."""
    return _ict(folder / "head_ict_facekit.npz") if which == "ict" else _mpfb(folder / "head_mpfb_arkit52_oculus15.npz")


def _ict(path: Path) -> Head:
    data = np.load(path)
    first = data["faces"].max(axis=1)  # a face on a border belongs inside
    parts = {name: (np.flatnonzero((first >= a) & (first < b)), kind) for name, a, b, kind in _ICT}
    shapes = dict(zip(data["shape_names"].tolist(), _turned(data["deltas_cm"], 0.01), strict=True))
    return Head("ICT", _turned(data["neutral_cm"], 0.01), data["faces"], shapes, parts)


def _mpfb(path: Path) -> Head:
    data = np.load(path)
    points = _turned(data["neutral_dm"], 0.1)
    group = data["face_group"]
    parts = {_MPFB[n][0]: (np.flatnonzero(group == g), _MPFB[n][1]) for g, n in enumerate(data["group_names"].tolist())}
    shapes = dict(zip(data["shape_names"].tolist(), _turned(data["deltas_dm"], 0.1), strict=True))
    return Head("MPFB", points - (0.0, 0.0, 0.7), data["faces"], shapes, parts)


def _turned(points: np.ndarray, unit: float) -> np.ndarray:
    """From y up and z in front to Blender's axes and metres."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], axis=-1).astype(np.float32) * np.float32(unit)


def build(head: Head, armature: bool = False, rename: dict[str, str] | None = None) -> bpy.types.Object:
    """Make the head's objects in the scene; the face is active. Returns the empty or armature that holds them.

    Parameters
    ----------
    head : Head
    armature : bool
        Whether one bone of an armature deforms the parts, which are then nobody's children; else an empty is their
        parent.
    rename : dict of str to str, optional
        What shapes are called instead; those that it lacks are left out.
    """
    root = _armature(head) if armature else bpy.data.objects.new(head.name, None)
    if not armature:
        root.empty_display_size = 0.05
        bpy.context.scene.collection.objects.link(root)
    objects = [_part(head, name, root, rename) for name in head.parts]
    bpy.context.view_layer.objects.active = objects[0]
    return root


def _part(head: Head, name: str, root: bpy.types.Object, rename: dict[str, str] | None) -> bpy.types.Object:
    which, kind = head.parts[name]
    faces = head.faces[which]
    used = np.unique(faces[faces >= 0])
    place = np.full(len(head.points), -1)
    place[used] = np.arange(len(used))
    mesh = bpy.data.meshes.new(f"{head.name} {name}")
    corners = [[int(place[v]) for v in face if v >= 0] for face in faces.tolist()]
    mesh.from_pydata(head.points[used].tolist(), [], corners)
    mesh.polygons.foreach_set("use_smooth", np.ones(len(corners), bool))
    _paint(mesh, kind, head.points[used])
    obj = bpy.data.objects.new(f"{head.name} {name}", mesh)
    bpy.context.scene.collection.objects.link(obj)
    obj.hide_render = kind == "clear"
    if root.type == "ARMATURE":
        obj.vertex_groups.new(name="head").add(range(len(used)), 1.0, "REPLACE")
        obj.modifiers.new("Armature", "ARMATURE").object = root
    else:
        obj.parent = root
    _add_shapes(obj, head, used, rename, every=name == "Face")
    return obj


def _add_shapes(
    obj: bpy.types.Object, head: Head, used: np.ndarray, rename: dict[str, str] | None, every: bool
) -> None:
    """Shape keys for the shapes that move this part; on the face all of them, as its makers' importers do."""
    moving = {name: move[used] for name, move in head.shapes.items() if every or np.abs(move[used]).max() > STILL}
    called = {name: name if rename is None else rename.get(name, "") for name in moving}
    if not any(called.values()):
        return
    obj.shape_key_add(name="Basis", from_mix=False)
    for name, move in moving.items():
        if called[name]:
            key = obj.shape_key_add(name=called[name], from_mix=False)
            key.value = 0.0  # Blender 5.0 makes new keys fully on
            key.data.foreach_set("co", (head.points[used] + move).ravel())


def _armature(head: Head) -> bpy.types.Object:
    root = bpy.data.objects.new(head.name, bpy.data.armatures.new(head.name))
    bpy.context.scene.collection.objects.link(root)
    bpy.context.view_layer.objects.active = root
    bpy.ops.object.mode_set(mode="EDIT")
    bone = root.data.edit_bones.new("head")
    bone.head, bone.tail = (0.0, 0.0, -0.08), (0.0, 0.0, 0.12)
    bpy.ops.object.mode_set(mode="OBJECT")
    return root


def _paint(mesh: bpy.types.Mesh, kind: str, points: np.ndarray) -> None:
    """Plain colours; an eye gets an iris on the part of its ball that is farthest in front."""
    mesh.materials.append(_material(kind))
    if kind == "eye":
        mesh.materials.append(_material("iris"))
        centre = (points.max(axis=0) + points.min(axis=0)) / 2
        away = points - centre
        front = np.array([-away[list(face.vertices), 1].mean() for face in mesh.polygons])
        mesh.polygons.foreach_set("material_index", (front > 0.88 * -away[:, 1].min()).astype(np.int32))


def _material(kind: str) -> bpy.types.Material:
    name = f"Proof {kind}"
    if name in bpy.data.materials:
        return bpy.data.materials[name]
    material = bpy.data.materials.new(name)
    material.diffuse_color = (*_COLOURS[kind], 0.0 if kind == "clear" else 1.0)
    if material.node_tree is None:  # from 5.0 on every material has one
        material.use_nodes = True
    assert material.node_tree is not None
    surface = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    surface.inputs["Base Color"].default_value = (*_COLOURS[kind], 1.0)
    surface.inputs["Roughness"].default_value = 0.2 if kind in ("eye", "iris", "flesh", "teeth") else 0.6
    surface.inputs["Alpha"].default_value = (
        0.15 if kind == "lash" else 1.0
    )  # cards, their pictures of hair are not here
    return material
