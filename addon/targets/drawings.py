# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn mouths: which drawing is which mouth, told from names or from their usual order, and what is keyed to show one.

What is keyed is a number or a switch somewhere in a data-block. Its data path is the name of the control, so that one
set of functions serves every kind of drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import bpy

from ...inference.core.channels import VISEMES
from ...inference.core.errors import RigError
from ...inference.retarget.convention import SHAPE_KEY, Convention, conventions
from ...inference.retarget.drawings import JAW, lines_of_drawing, mouths_of
from ...inference.retarget.matching import Recognition, Trust, recognise, spelled
from ...inference.retarget.rig import Line
from ...inference.retarget.spelling import words
from ...inference.retarget.stepped import SteppedRig
from .control import speaks

KINDS = frozenset({"gp_drawing", "gp_layer", "image_number", "object_shown"})
SETS = ("rhubarb", "preston_blair", "oculus")  # conventions whose controls are whole mouths, in the order of the menu
IN_ORDER = {6: "rhubarb", 9: "rhubarb", 10: "preston_blair", 15: "oculus"}  # so many drawings are these, in their order
_SAYS_MOUTH = {"mouth", "mouths", "lip", "lips", "lipsync", "viseme", "visemes", "phoneme", "phonemes", "boca", "口"}
ENOUGH = 4  # drawings that are named


@cache
def sets() -> dict[str, Convention]:
    """The usual sets of mouths."""
    every = {one.key: one for one in conventions()}
    return {key: every[key] for key in SETS}


def is_mouth(*names: str) -> bool:
    """Whether any of some names says that it is a mouth."""
    return any(_SAYS_MOUTH.intersection(words(name)) for name in names)


def like_mouths(names: Iterable[str]) -> list[str]:
    """Names that end as a mouth of a set does, so that thousands of others need not be compared."""
    return [name for name in names if _last_word(name) in _endings()]


@cache
def _endings() -> frozenset[str]:
    targets = [target for convention in sets().values() for target in convention.targets]
    return frozenset(_last_word(name) for t in targets for name in (t.name, *t.also, *t.loose))


def _last_word(name: str) -> str:
    return next((word for word in reversed(words(name)) if not word.isdigit()), "")


def recognised(names: Iterable[str], sure: bool = False) -> tuple[Recognition, ...]:
    """The sets that some names follow, the best first; `sure` where they are known to be of mouths, however short."""
    names = tuple(names)
    found = [one for one in recognise(names) if one.convention.key in SETS and len(one.found) >= ENOUGH]
    return tuple(found) or (_among(names) if sure or is_mouth(*names) else ())


def _among(names: Sequence[str]) -> tuple[Recognition, ...]:
    """The sets that have names such as E and AI, too few to mean anything anywhere else."""
    found = []
    for convention in sets().values():
        here = spelled(convention, names, Trust(names), enough=True)
        if len(here) >= ENOUGH:
            rest = tuple(name for name in names if name not in here)
            found.append(Recognition(convention, here, {}, len(here) / len(convention.targets), rest))
    return tuple(sorted(found, key=lambda one: -len(one.found)))


def moves_already(above: Iterable[Line]) -> bool:
    """Whether something that is no drawing makes the mouth. Drawings of several kinds show the same one together."""
    return speaks(line for line in above if line.kind not in KINDS)


def lines_by_name(named: Mapping[str, str], kind: str, where: str = "", sure: bool = False) -> tuple[Line, ...]:
    """The lines of drawings that have names, from name to the drawing as lines call it."""
    best = recognised(named, sure)
    if not best:
        return ()
    pairs = [(named[name], target) for name, targets in best[0].found.items() for target in targets[:1]]
    return tuple(line for drawing, target in pairs for line in lines_of_drawing(target, drawing, kind, where))


def lines_in_order(drawings: Sequence[str], key: str, kind: str, where: str = "") -> tuple[Line, ...]:
    """The lines of drawings that are a set in its usual order, or no set (""); drawings beyond it stand for nothing."""
    pairs = zip(drawings, sets()[key].targets if key else (), strict=False)
    return tuple(line for drawing, target in pairs for line in lines_of_drawing(target, drawing, kind, where))


def in_order(drawings: Sequence[str]) -> str:
    """The set that so many drawings usually are; "" where none is usual."""
    return IN_ORDER.get(len(drawings), "")


def recognised_in_order(drawings: Sequence[str]) -> tuple[Recognition, ...]:
    """What drawings without names are taken for."""
    key = in_order(drawings)
    return recognised(target.name for target in sets()[key].targets[: len(drawings)]) if key else ()


def shapes_of(lines: Iterable[Line], drawing: str) -> dict[str, str]:
    """The mouths that the lines of a drawing say: set to mouth; none where the artist made the lines up."""
    own = {replace(line, target=drawing, kind=SHAPE_KEY, where="", use=True) for line in lines}
    return {
        key: target.name
        for key, convention in sets().items()
        for target in convention.targets
        if own == set(lines_of_drawing(target, drawing, SHAPE_KEY))
    }


def of_kind(lines: Iterable[Line], kind: str, obj: bpy.types.Object) -> tuple[Line, ...]:
    """The lines of a kind of drawing that reach an object."""
    return tuple(line for line in lines if line.kind == kind and line.where in ("", obj.name))


def stepped_rig(lines: Sequence[Line], controls: Mapping[str, Mapping[str, float]], hold: float) -> SteppedRig:
    """A rig that shows one drawing at a time, for as long as the artist wants at least.

    Parameters
    ----------
    lines : sequence of Line
        Of drawings.
    controls : mapping of str to mapping of str to float
        Data path to its value for each drawing.
    hold : float
        Seconds for which one is shown at least.
    """
    return SteppedRig(tuple(lines), {path: dict(values) for path, values in controls.items()}, hold)


def shown(lines: Iterable[Line]) -> list[str]:
    """The drawings that lines speak of and that stand for a viseme."""
    return [mouth.name for mouth in mouths_of(line for line in lines if line.use)]


def numbers(lines: Iterable[Line]) -> dict[str, int]:
    """The drawings that lines speak of by number; other names are no drawings here."""
    return {name: int(name) for name in shown(lines) if name.lstrip("-").isdecimal()}


def speaks_of_mouths(line: Line) -> bool:
    """Whether a line says something about a drawing."""
    return line.channel in VISEMES or line.channel == JAW


def value(block: Any, name: str) -> float:
    """What the number or switch at a data path stands at now."""
    return float(block.path_resolve(name))


def set_value(block: Any, name: str, value: float) -> None:
    """Set the number or switch at a data path, in its own type; nothing happens when it is gone."""
    if name.endswith('"]'):  # a custom property
        path, key = name[: name.rindex('["')], bpy.utils.unescape_identifier(name[name.rindex('["') + 2 : -2])
        owner = block.path_resolve(path) if path else block
        owner[key] = type(owner[key])(round(value))
        block.update_tag()
        return
    path, _, attribute = name.rpartition(".")
    try:
        owner = block.path_resolve(path) if path else block
        kind = type(getattr(owner, attribute))
    except (ValueError, AttributeError):  # deleted since
        return
    if getattr(owner, attribute) != kind(round(value)):
        setattr(owner, attribute, kind(round(value)))


def curve(_block: Any, name: str) -> tuple[str, int]:
    """The control's name is its data path; none of them is part of an array."""
    return name, 0


def ensure_editable(obj: bpy.types.Object, block: Any) -> None:
    """Raise the RigError of a drawing that is linked."""
    if block.library is not None:
        raise RigError(
            f"'{obj.name}' or what it shows is linked from '{bpy.path.basename(block.library.filepath)}' and cannot be "
            "animated here. Make a library override of it (Object > Library Override > Make), or append it."
        )


def driven(obj: bpy.types.Object, block: Any, names: Sequence[str]) -> list[str]:
    """The sentence about controls that a driver moves."""
    drivers = block.animation_data.drivers if block.animation_data else ()
    paths = {driver.data_path for driver in drivers}
    if not paths.intersection(names):
        return []
    return [f"The drawings of '{obj.name}' are chosen by a driver, which wins over keys. Remove the driver."]


def trees(obj: bpy.types.Object) -> Iterator[tuple[bpy.types.Material, Any]]:
    """The node trees of an object's materials, groups within them included, each once."""
    seen: set[int] = set()
    for slot in obj.material_slots:
        waiting = [slot.material.node_tree] if slot.material is not None and slot.material.node_tree else []
        while waiting:
            tree = waiting.pop()
            if tree.as_pointer() not in seen:
                seen.add(tree.as_pointer())
                yield slot.material, tree
                waiting += [node.node_tree for node in tree.nodes if node.type == "GROUP" and node.node_tree]
