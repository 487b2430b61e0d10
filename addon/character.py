# SPDX-License-Identifier: GPL-3.0-or-later
"""The character of an object: everything of its family that speech can drive, and the rig that drives each of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import bpy

from ..inference.channels import ARKIT, CHANNELS, VISEMES
from ..inference.convention import SHAPE_KEY
from ..inference.errors import RigError
from ..inference.matching import Recognition, recognise
from ..inference.rig import ENOUGH_MOUTH, MOUTH, Line, Rig, bone_lines, lines_for
from . import mapping
from .family import control_names, faces_of_bones, family, family_root, keyed, keyed_among, shape_names
from .targets import Target, bones, object_rotation, shape_keys


@dataclass(frozen=True)
class Part:
    """A data-block that is driven: an object that shows it, the kind of control, and the rig that drives it."""

    obj: bpy.types.Object
    block: bpy.types.ID
    target: Target
    rig: Rig


@dataclass(frozen=True)
class Character:
    """A family of objects with at least one shape key or bone that speech can drive.

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
        count = len(self.meshes)
        meshes = "1 mesh" if count == 1 else f"{count} meshes" if count else "face bones"
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
    armatures = dict(faces_of_bones(members))
    names = control_names(root, scene)
    own = mapping.stored(root)
    if not names and not armatures and own is None:
        raise RigError(
            f"'{root.name}' and what belongs to it have no shape keys. Click the face mesh, give it ARKit shape keys, "
            "or add a head with Add > Mesh > Facewright Head."
        )
    recognised = recognise(names) or tuple(one for each in armatures.values() for one in recognise((), each))
    parts = parts_for(members, matched_lines(root, scene) if own is None else own)
    if not parts:
        raise RigError(_nothing_moves(root, names, recognised, own))
    parts += [Part(o, o, object_rotation, object_rotation.RIG) for o in members if object_rotation.MARK in o]
    return Character(root, tuple(parts), recognised, own is not None, unmatched(root, scene))


def parts_for(members: list[bpy.types.Object], lines: Iterable[Line]) -> list[Part]:
    """What some lines drive of a family: sets of shape keys, then bones."""
    lines = tuple(lines)
    parts = [Part(obj, key, shape_keys, Rig(_lines_on(lines, obj, key))) for obj, key in keyed_among(members)]
    parts += [Part(obj, obj, bones, bones.rig_for(obj, lines)) for obj in members if obj.type == "ARMATURE"]
    return [part for part in parts if part.rig.lines]


def matched_lines(root: bpy.types.Object, scene: bpy.types.Scene) -> tuple[Line, ...]:
    """The lines that matching by name gives, for the table: one for all meshes, or one each where they differ.

    Where shape keys make the mouth, those of face bones are off: both would move it twice.
    """
    names = {obj.name: shape_names(key) for obj, key in keyed(root, scene)}
    having: dict[str, list[str]] = {}  # shape -> the meshes that have it
    agreeing: dict[Line, list[str]] = {}  # line -> the meshes on which it was written
    for (mesh, shapes), lines in zip(names.items(), lines_for(list(names.values())), strict=True):
        for shape in shapes:
            having.setdefault(shape, []).append(mesh)
        for line in lines:
            agreeing.setdefault(line, []).append(mesh)
    written: list[Line] = []
    for line, meshes in agreeing.items():
        everywhere = meshes == having[line.target]
        written += [line] if everywhere else [replace(line, where=mesh) for mesh in meshes]
    speaks = any(line.use and line.channel in (*MOUTH, *VISEMES) for line in written)
    for _, lengths in faces_of_bones(family(root, scene)):
        written += [replace(line, use=not speaks) for line in bone_lines(lengths)]
    return tuple(dict.fromkeys(written))


def unmatched(root: bpy.types.Object, scene: bpy.types.Scene) -> tuple[str, ...]:
    """The shape keys of a family that no line knows, on or off."""
    own = mapping.stored(root)
    known = {line.target for line in (matched_lines(root, scene) if own is None else own)}
    return tuple(name for name in control_names(root, scene) if name not in known)


def _lines_on(lines: Sequence[Line], obj: bpy.types.Object, key: bpy.types.Key) -> tuple[Line, ...]:
    """Those lines that reach a set of shape keys."""
    names = set(shape_names(key))
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
