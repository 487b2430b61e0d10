# SPDX-License-Identifier: GPL-3.0-or-later
"""The character of an object: every mesh of its family that carries shape keys, and what each of them can do.

A family is what hangs under one parent or is deformed by one armature. Face, teeth, tongue, lashes and beard all move
together, which is what a viewer expects and what a bake of the active mesh alone would miss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import bpy

from ..inference.channels import ARKIT, VISEMES
from ..inference.errors import RigError
from ..inference.matching import recognise
from ..inference.rig import ENOUGH_MOUTH, MOUTH, Rig, rigs_for
from .targets import Target, object_rotation, shape_keys


@dataclass(frozen=True)
class Part:
    """A data-block that is driven: an object that shows it, the kind of control, and the rig that drives it."""

    obj: bpy.types.Object
    block: bpy.types.ID
    target: Target
    rig: Rig


@dataclass(frozen=True)
class Character:
    """A family of objects with at least one shape key that speech can drive.

    Parameters
    ----------
    root : bpy.types.Object
        The parent or armature that holds the family together; settings and recipe live on it.
    parts : tuple of Part
        The data-blocks that are driven, each once however many objects share it.
    """

    root: bpy.types.Object
    parts: tuple[Part, ...]

    @property
    def meshes(self) -> tuple[Part, ...]:
        """The parts that are sets of shape keys."""
        return tuple(part for part in self.parts if part.target is shape_keys)

    @property
    def channels(self) -> set[str]:
        """The channels that move something."""
        return {channel for part in self.parts for channel in part.rig.channels}

    @property
    def expected(self) -> tuple[str, ...]:
        """What a complete character of this kind has: ARKit's 52, or the 15 visemes where those make its mouth."""
        return VISEMES if any(channel in VISEMES for channel in self.channels) else ARKIT

    @property
    def missing(self) -> tuple[str, ...]:
        """Channels of `expected` that move nothing here."""
        return tuple(channel for channel in self.expected if channel not in self.channels)

    @property
    def coverage(self) -> str:
        """Such as "48 of 52 ARKit shapes on 4 meshes"."""
        kind = "visemes" if self.expected is VISEMES else "ARKit shapes"
        found = len(self.expected) - len(self.missing)
        meshes = "1 mesh" if len(self.meshes) == 1 else f"{len(self.meshes)} meshes"
        return f"{found} of {len(self.expected)} {kind} on {meshes}"


def find(obj: bpy.types.Object | None, scene: bpy.types.Scene) -> Character:
    """The character `obj` belongs to.

    Raises
    ------
    RigError
        When nothing is active, or nothing in the family can be driven; the text says what to do.
    """
    if obj is None:
        raise RigError("No object is active. Click your character, or add one with Add > Mesh > Facewright Head.")
    root = family_root(obj)
    members = family(root, scene)
    keyed = list(_keyed(members))
    if not keyed:
        raise RigError(
            f"'{root.name}' and what belongs to it have no shape keys. Click the face mesh, give it ARKit shape keys, "
            "or add a head with Add > Mesh > Facewright Head."
        )
    rigs = rigs_for([_names(key) for _, key in keyed])
    parts = [Part(o, key, shape_keys, rig) for (o, key), rig in zip(keyed, rigs, strict=True) if rig.targets]
    if not parts:
        some = ", ".join([name for _, key in keyed for name in _names(key)][:4])
        raise RigError(
            f"None of the shape keys of '{root.name}' has an ARKit or viseme name (found: {some}). "
            "Name them like jawOpen, mouthSmileLeft or viseme_aa."
        )
    parts += [Part(o, o, object_rotation, object_rotation.RIG) for o in members if object_rotation.MARK in o]
    return Character(root, tuple(parts))


def family_root(obj: bpy.types.Object) -> bpy.types.Object:
    """The object that holds the family of `obj` together.

    Up the parents (for a mesh without one: its armature first), but not into a group that holds a second whole face: an
    empty with a crowd under it is not one character.
    """
    root = obj
    while (above := root.parent or (_armature(root) if root is obj else None)) is not None:
        if root.type != "MESH" and _other_face(above, root):
            break
        root = above
    return root


def family(root: bpy.types.Object, scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """`root`, everything under it, and everything in the scene deformed by an armature among these."""
    members = [root, *root.children_recursive]
    inside = {member.as_pointer() for member in members}
    armatures = {member.as_pointer() for member in members if member.type == "ARMATURE"}
    if armatures:
        for obj in scene.objects:
            deformer = _armature(obj)
            if deformer and deformer.as_pointer() in armatures and obj.as_pointer() not in inside:
                members.append(obj)
    return members


def _armature(obj: bpy.types.Object) -> bpy.types.Object | None:
    if obj.type not in {"MESH", "CURVE", "SURFACE", "LATTICE"}:
        return None
    return next((m.object for m in obj.modifiers if m.type == "ARMATURE" and m.object is not None), None)


def _keyed(objects: list[bpy.types.Object]) -> Iterator[tuple[bpy.types.Object, bpy.types.Key]]:
    seen: set[int] = set()
    for obj in sorted(objects, key=lambda o: o.name):
        key = getattr(obj.data, "shape_keys", None)
        if key is not None and key.as_pointer() not in seen:
            seen.add(key.as_pointer())
            yield obj, key


def _names(key: bpy.types.Key) -> list[str]:
    """Names of the keys that have a value: all but the reference one."""
    return [block.name for block in key.key_blocks if block != key.reference_key]


def _other_face(above: bpy.types.Object, ours: bpy.types.Object) -> bool:
    groups = [child for child in above.children if child != ours and child.type != "MESH"]
    return any(_has_face([group, *group.children_recursive]) for group in groups) and _has_face(
        [ours, *ours.children_recursive]
    )


def _has_face(objects: list[bpy.types.Object]) -> bool:
    for _, key in _keyed(objects):
        channels = {channel for one in recognise(_names(key))[:1] for channel in one.covered}
        if len(channels.intersection(MOUTH)) >= ENOUGH_MOUTH or len(channels.intersection(VISEMES)) >= ENOUGH_MOUTH:
            return True
    return False
