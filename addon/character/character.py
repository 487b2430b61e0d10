# SPDX-License-Identifier: GPL-3.0-or-later
"""The character of an object: the data-blocks of its family that speech can drive, each with its rig."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

import bpy

from ...inference.core.channels import ARKIT, CHANNELS, VISEMES
from ...inference.core.errors import RigError
from ...inference.core.parts import PARTS, channels_of_parts
from ...inference.retarget.convention import SHAPE_KEY
from ...inference.retarget.matching import Recognition
from ...inference.retarget.rig import ENOUGH_MOUTH, MOUTH, Line, Rig
from ..blender.rna import settings_of
from ..targets.composite import CompositeRig, CompositeTarget, RigSubset
from ..targets.control import Values
from ..targets.drawings import KINDS as DRAWN
from ..targets.kinds.objects import MARK as HEAD
from ..targets.registry import Found, all_controls, lines_of, matched_lines
from . import mapping
from .family import family, family_root
from .family import names as family_names


@dataclass(frozen=True)
class Part:
    """A data-block that is driven, with an object that shows it, its kind of control, and the rig that drives it."""

    obj: bpy.types.Object
    block: bpy.types.ID
    target: Values
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
        Whether the artist's own mapping drives it; otherwise lines are matched by name.
    unmatched : tuple of str
        Shape keys that no line names, whether on or off.
    built_in : bool
        Whether it is the head of Add > Mesh, whose names are those of several conventions.
    """

    root: bpy.types.Object
    parts: tuple[Part, ...]
    recognised: tuple[Recognition, ...] = ()
    mapped: bool = False
    unmatched: tuple[str, ...] = ()
    built_in: bool = False

    @property
    def meshes(self) -> tuple[Part, ...]:
        """The parts that are sets of shape keys."""
        return tuple(part for part in self.parts if isinstance(part.block, bpy.types.Key))

    @property
    def channels(self) -> set[str]:
        """The channels that move something."""
        return {channel for part in self.parts for channel in part.rig.channels}

    @property
    def convention(self) -> str:
        """The convention its names follow, such as "ARKit or Faceit, 96 %": all those that fit equally well."""
        if not self.recognised:
            return "Own names"
        best = self.recognised[0].score
        names = [recognition.convention.name for recognition in self.recognised if recognition.score == best]
        if self.built_in:
            names = ["Facewright Head"]
        return f"{' or '.join(names[:3])}, {best:.0%}".replace("%", " %")

    @property
    def expected(self) -> tuple[str, ...]:
        """Channels that move on a complete character of its convention; of ARKit mouth and visemes, the one in use."""
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
        """How much of it moves, such as "48 of 52 ARKit shapes on 4 meshes"."""
        shown = self.meshes or self.parts
        word = "mesh" if all(part.obj.type == "MESH" for part in shown) else "object"
        meshes = f"1 {word}" if len(shown) == 1 else f"{len(shown)} {word}{'es' if word == 'mesh' else 's'}"
        kinds = {line.kind for part in self.parts for line in part.rig.lines}
        if not self.meshes and all(part.obj.type == "ARMATURE" for part in shown):
            meshes = "face bones"
        if "shape_key" not in kinds and kinds & {"action", "property"}:
            meshes = "poses" if "action" in kinds else "custom properties"
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
    own = mapping.stored(root)
    found = all_controls(members)
    names = list(
        dict.fromkeys(name for kind, each in found if SHAPE_KEY in kind.KINDS for c in each for name in c.names)
    )
    lines = lines_of(found) if own is None else own
    known = _recognised(found, lines)
    parts = _parts(found, lines, root)
    if not parts and not names and not known and own is None:
        if any(DRAWN.intersection(target.KINDS) for target, _ in found):
            raise RigError(
                f"Nothing tells which drawing of '{root.name}' is which mouth. Choose it under Drawn Mouth, or name "
                "layers or objects after mouths: A to H and X, or AI, E, O, MBP and so on."
            )
        if root.instance_collection is not None:
            raise RigError(_only_an_instance(root, root.instance_collection))
        raise RigError(
            f"'{root.name}' and what belongs to it have no shape keys. Click the face mesh, give it ARKit shape keys, "
            "or add a head with Add > Mesh > Facewright Head."
        )
    if not parts:
        raise RigError(_nothing_moves(root, names, known, own))
    built_in = any(HEAD in member for member in members)
    return Character(root, tuple(parts), known, own is not None, _unmatched(names, lines), built_in)


def _recognised(found: Found, lines: Iterable[Line]) -> tuple[Recognition, ...]:
    """The conventions that names follow, of the kind of control that moves the most channels."""
    moved = [(line.kind, line.channel) for line in lines if line.use]
    known: list[tuple[int, tuple[Recognition, ...]]] = []
    for target, controls in found:
        if conventions := target.recognised(controls):
            known.append((len({channel for kind, channel in moved if kind in target.KINDS}), conventions))
    return max(known, key=lambda count_and_conventions: count_and_conventions[0], default=(0, ()))[1]


def parts_for(members: list[bpy.types.Object], lines: Iterable[Line]) -> list[Part]:
    """The parts of a family, whose root comes first, that some lines drive; each data-block once."""
    return _parts(all_controls(members), tuple(lines), members[0])


def _parts(found: Found, lines: Sequence[Line], root: bpy.types.Object) -> list[Part]:
    hold = settings_of(root).hold
    parts: dict[int, list[Part]] = {}
    for target, each in found:
        for controls in each:
            rig = target.rig_for(controls, lines, hold)
            if rig.lines:
                part = Part(controls.obj, controls.block, target, rig)
                parts.setdefault(controls.block.as_pointer(), []).append(part)
    return [joined(each) for each in parts.values()]


def joined(parts: Sequence[Part]) -> Part:
    """The parts of one data-block as one part, since they share its Action; the first to key an F-curve keeps it."""
    if len(parts) == 1:
        return parts[0]
    owners: dict[str, Values] = {}
    rigs: list[Rig] = []
    places: set[tuple[str, int]] = set()  # data path and array index of F-curves that have an owner
    for part in parts:
        names = part.rig.controls
        own = [name for name in names if part.target.curve(part.block, name) not in places]
        places.update(part.target.curve(part.block, name) for name in own)
        owners.update(dict.fromkeys(own, part.target))
        rigs.append(part.rig if len(own) == len(names) else RigSubset(part.rig.lines, part.rig, tuple(own)))
    return replace(parts[0], target=CompositeTarget(owners), rig=CompositeRig.of(rigs))


def of_parts(who: Character, scene: bpy.types.Scene, parts: Collection[str]) -> Character:
    """A character with only those controls that some parts of the face move (`core.parts`); all of it for all parts."""
    if set(parts) == set(PARTS):
        return who
    channels = channels_of_parts(parts)
    stored = mapping.stored(who.root)
    members = family(who.root, scene)
    lines = [line for line in (matched_lines(members) if stored is None else stored) if line.channel in channels]
    return replace(who, parts=tuple(parts_for(members, lines)))


def unmatched(root: bpy.types.Object, scene: bpy.types.Scene) -> tuple[str, ...]:
    """The shape keys of a family that no line names, whether on or off."""
    own = mapping.stored(root)
    lines = matched_lines(family(root, scene)) if own is None else own
    return _unmatched(family_names(root, scene, SHAPE_KEY), lines)


def _unmatched(names: Iterable[str], lines: Iterable[Line]) -> tuple[str, ...]:
    known = {line.target for line in lines}
    return tuple(name for name in names if name not in known)


def _only_an_instance(root: bpy.types.Object, shown: bpy.types.Collection) -> str:
    """The message for an instance of a collection, which has nothing of its own to drive."""
    if_linked = "Make a library override of it (Object > Library Override > Make), then click the face."
    if_local = "Animate the character in the collection itself: click its face there."
    return f"'{root.name}' is an instance of the collection '{shown.name}'. {if_linked if shown.library else if_local}"


def _nothing_moves(
    root: bpy.types.Object, names: Sequence[str], recognised: Sequence[Recognition], own: Sequence[Line] | None
) -> str:
    """The message for a family whose controls no line drives: why, and what to do about it."""
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
