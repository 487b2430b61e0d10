# SPDX-License-Identifier: GPL-3.0-or-later
"""The character of an object: every mesh of its family that carries shape keys, and what each of them can do.

A family is what hangs under one parent or is deformed by one armature. Face, teeth, tongue, lashes and beard all move
together, which is what a viewer expects and what a bake of the active mesh alone would miss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import bpy

from ..inference.channels import ARKIT, CHANNELS, VISEMES
from ..inference.convention import SHAPE_KEY
from ..inference.errors import RigError
from ..inference.matching import Recognition, recognise
from ..inference.rig import ENOUGH_MOUTH, MOUTH, Line, Rig, lines_for
from . import mapping
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
        The parent or armature that holds the family together; settings, recipe and mapping live on it.
    parts : tuple of Part
        The data-blocks that are driven, each once however many objects share it.
    recognised : tuple of Recognition
        The rig conventions its names follow, the best first.
    mapped : bool
        Whether the artist's own mapping drives it, or names matched by themselves.
    unmatched : tuple of str
        Shape keys that nothing moves and no line, on or off, knows.
    """

    root: bpy.types.Object
    parts: tuple[Part, ...]
    recognised: tuple[Recognition, ...] = ()
    mapped: bool = False
    unmatched: tuple[str, ...] = ()

    @property
    def meshes(self) -> tuple[Part, ...]:
        """The parts that are sets of shape keys."""
        return tuple(part for part in self.parts if part.target is shape_keys)

    @property
    def channels(self) -> set[str]:
        """The channels that move something."""
        return {channel for part in self.parts for channel in part.rig.channels}

    @property
    def convention(self) -> str:
        """Such as "ARKit or Faceit, 96 %": what its names follow; conventions with the same names are all said."""
        if not self.recognised:
            return "Own names"
        best = self.recognised[0].score
        names = [one.convention.name for one in self.recognised if one.score == best]
        return f"{' or '.join(names[:3])}, {best:.0%}".replace("%", " %")

    @property
    def expected(self) -> tuple[str, ...]:
        """What moves on a complete character of this convention; of its two kinds of mouth, the one in use."""
        if not self.recognised:
            return ()
        arkit = len(self.channels.intersection(MOUTH)) >= ENOUGH_MOUTH or not self.channels.intersection(VISEMES)
        resting = VISEMES if arkit else MOUTH
        wanted = self.recognised[0].convention.channels.difference(resting)
        return tuple(channel for channel in CHANNELS if channel in wanted)

    @property
    def missing(self) -> tuple[str, ...]:
        """Channels of `expected` that move nothing here."""
        return tuple(channel for channel in self.expected if channel not in self.channels)

    @property
    def coverage(self) -> str:
        """Such as "48 of 52 ARKit shapes on 4 meshes"."""
        meshes = "1 mesh" if len(self.meshes) == 1 else f"{len(self.meshes)} meshes"
        if not self.expected:
            return f"{len(self.channels)} channels on {meshes}"
        plain = {frozenset(ARKIT): "ARKit shapes", frozenset(VISEMES): "visemes"}
        kind = plain.get(frozenset(self.expected), "channels")
        return f"{len(self.expected) - len(self.missing)} of {len(self.expected)} {kind} on {meshes}"


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
    blocks = list(_keyed(members))
    if not blocks:
        raise RigError(
            f"'{root.name}' and what belongs to it have no shape keys. Click the face mesh, give it ARKit shape keys, "
            "or add a head with Add > Mesh > Facewright Head."
        )
    names = [_names(key) for _, key in blocks]
    own = mapping.stored(root)
    lines = lines_for(names) if own is None else [_lines_on(own, *block) for block in blocks]
    rigs = [Rig(on_mesh) for on_mesh in lines]
    parts = [Part(o, key, shape_keys, rig) for (o, key), rig in zip(blocks, rigs, strict=True) if rig.targets]
    every = list(dict.fromkeys(name for on_mesh in names for name in on_mesh))
    recognised = recognise(every)
    if not parts:
        raise RigError(_nothing_moves(root, every, recognised, own))
    parts += [Part(o, o, object_rotation, object_rotation.RIG) for o in members if object_rotation.MARK in o]
    return Character(root, tuple(parts), recognised, own is not None, unmatched(root, scene))


def matched_lines(root: bpy.types.Object, scene: bpy.types.Scene) -> tuple[Line, ...]:
    """The lines that matching by name gives, for the table: one for all meshes, or one each where they differ."""
    blocks = list(keyed(root, scene))
    on_meshes = lines_for([_names(key) for _, key in blocks])
    having = {line: [o for o, key in blocks if line.target in key.key_blocks] for each in on_meshes for line in each}
    lines: dict[Line, None] = {}
    for (obj, _), each in zip(blocks, on_meshes, strict=True):
        for line in each:
            same = [o for (o, _), other in zip(blocks, on_meshes, strict=True) if line in other]
            lines[line if same == having[line] else replace(line, where=obj.name)] = None
    return tuple(lines)


def unmatched(root: bpy.types.Object, scene: bpy.types.Scene) -> tuple[str, ...]:
    """The shape keys of a family that no line knows, on or off."""
    own = mapping.stored(root)
    known = {line.target for line in (matched_lines(root, scene) if own is None else own)}
    return tuple(name for name in control_names(root, scene) if name not in known)


def keyed(root: bpy.types.Object, scene: bpy.types.Scene) -> Iterator[tuple[bpy.types.Object, bpy.types.Key]]:
    """The sets of shape keys of a family, each once, with an object that shows it."""
    return _keyed(family(root, scene))


def control_names(root: bpy.types.Object, scene: bpy.types.Scene) -> list[str]:
    """The names of all shape keys of a family, each once."""
    return list(dict.fromkeys(name for _, key in keyed(root, scene) for name in _names(key)))


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


def _lines_on(lines: Sequence[Line], obj: bpy.types.Object, key: bpy.types.Key) -> tuple[Line, ...]:
    """Those of an artist's lines that reach a set of shape keys."""
    names = set(_names(key))
    return tuple(
        line for line in lines if line.kind == SHAPE_KEY and line.target in names and line.where in ("", obj.name)
    )


def _nothing_moves(
    root: bpy.types.Object, names: Sequence[str], recognised: Sequence[Recognition], own: Sequence[Line] | None
) -> str:
    if own is not None:
        return (
            f"The mapping of '{root.name}' moves none of its shape keys: no line is on, or the targets are called "
            "otherwise. Open Mapping and correct it, or press Match Names."
        )
    if recognised and recognised[0].convention.note:
        return f"'{root.name}' has {recognised[0].convention.name}. {recognised[0].convention.note}"
    return (
        f"None of the shape keys of '{root.name}' has an ARKit or viseme name (found: {', '.join(names[:4])}). "
        "Name them like jawOpen, mouthSmileLeft or viseme_aa, or choose them yourself under Mapping."
    )


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
        channels = {channel for one in recognise(_names(key)) for channel in one.covered}
        if len(channels.intersection(MOUTH)) >= ENOUGH_MOUTH or len(channels.intersection(VISEMES)) >= ENOUGH_MOUTH:
            return True
    return False
