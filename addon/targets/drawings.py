# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn mouths: which drawing stands for which mouth, by name or by usual order, and the control that shows it.

The control is a number or a switch somewhere in a data-block. Its name is its data path, so that one set of functions
serves every kind of drawing.
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
from ..blender.numbers import set_number_at
from .control import one_by_one, speaks

KINDS = frozenset({"gp_drawing", "gp_layer", "image_number", "object_shown"})
SETS = ("rhubarb", "preston_blair", "oculus")  # conventions whose controls are whole mouths, in the order of the menu
IN_ORDER = {6: "rhubarb", 9: "rhubarb", 10: "preston_blair", 15: "oculus"}  # number of drawings -> the set they may be
_SAYS_MOUTH = {"mouth", "mouths", "lip", "lips", "lipsync", "viseme", "visemes", "phoneme", "phonemes", "boca", "口"}
ENOUGH = 4  # drawings named like mouths of a set, from which on they are taken for that set


@cache
def sets() -> dict[str, Convention]:
    """The usual sets of mouths, by key."""
    by_key = {convention.key: convention for convention in conventions()}
    return {key: by_key[key] for key in SETS}


def is_mouth(*names: str) -> bool:
    """Whether any of some names contains a word for a mouth."""
    return any(_SAYS_MOUTH.intersection(words(name)) for name in names)


def like_mouths(names: Iterable[str]) -> list[str]:
    """The names whose last word is that of a mouth of a set: a quick sieve for thousands of objects."""
    return [name for name in names if _last_word(name) in _endings()]


@cache
def _endings() -> frozenset[str]:
    targets = [target for convention in sets().values() for target in convention.targets]
    return frozenset(_last_word(name) for t in targets for name in (t.name, *t.also, *t.loose))


def _last_word(name: str) -> str:
    return next((word for word in reversed(words(name)) if not word.isdigit()), "")


def recognised(names: Iterable[str], sure: bool = False) -> tuple[Recognition, ...]:
    """The sets that some names follow, the best first.

    `sure` says that the names are known to be of mouths, so that short ones such as E or AI count.
    """
    names = tuple(names)
    found = [each for each in recognise(names) if each.convention.key in SETS and len(each.found) >= ENOUGH]
    return tuple(found) or (_among(names) if sure or is_mouth(*names) else ())


def _among(names: Sequence[str]) -> tuple[Recognition, ...]:
    """The sets that some names follow if short ones such as E and AI count, which elsewhere would mean nothing."""
    found = []
    for convention in sets().values():
        matches = spelled(convention, names, Trust(names), enough=True)
        if len(matches) >= ENOUGH:
            rest = tuple(name for name in names if name not in matches)
            found.append(Recognition(convention, matches, {}, len(matches) / len(convention.targets), rest))
    return tuple(sorted(found, key=lambda recognition: -len(recognition.found)))


def moves_already(above: Iterable[Line]) -> bool:
    """Whether other controls than drawings make the mouth; several kinds of drawing may show one mouth together."""
    return speaks(line for line in above if line.kind not in KINDS)


def lines_by_name(named: Mapping[str, str], kind: str, where: str = "", sure: bool = False) -> tuple[Line, ...]:
    """Lines for drawings that are named after mouths; none where the names follow no set.

    `named` has for each name the drawing as lines call it; `sure` as in `recognised`.
    """
    best = recognised(named, sure)
    if not best:
        return ()
    pairs = [(named[name], target) for name, targets in best[0].found.items() for target in targets[:1]]
    return tuple(line for drawing, target in pairs for line in lines_of_drawing(target, drawing, kind, where))


def lines_in_order(drawings: Sequence[str], key: str, kind: str, where: str = "") -> tuple[Line, ...]:
    """Lines for drawings that are the mouths of a set in its usual order.

    `key` is that of the set; "" gives no lines. Drawings beyond the mouths of the set have none either.
    """
    pairs = zip(drawings, sets()[key].targets if key else (), strict=False)
    return tuple(line for drawing, target in pairs for line in lines_of_drawing(target, drawing, kind, where))


def in_order(drawings: Sequence[str]) -> str:
    """The key of the set that has as many mouths as there are drawings; "" where none has."""
    return IN_ORDER.get(len(drawings), "")


def recognised_in_order(drawings: Sequence[str]) -> tuple[Recognition, ...]:
    """The set that drawings without names are taken for, by their number."""
    key = in_order(drawings)
    return recognised(target.name for target in sets()[key].targets[: len(drawings)]) if key else ()


def shapes_of(lines: Iterable[Line], drawing: str) -> dict[str, str]:
    """The mouth that a drawing is in each set, by key of the set; empty where its lines are those of no mouth."""
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
    """A rig that shows one drawing at a time.

    Parameters
    ----------
    lines : sequence of Line
        Of drawings.
    controls : mapping of str to mapping of str to float
        For each data path its value for each drawing.
    hold : float
        Seconds for which a drawing is shown at least.
    """
    return SteppedRig(tuple(lines), {path: dict(values) for path, values in controls.items()}, hold)


def shown(lines: Iterable[Line]) -> list[str]:
    """The drawings that stand for a viseme in lines that are on."""
    return [mouth.name for mouth in mouths_of(line for line in lines if line.use)]


def numbers(lines: Iterable[Line]) -> dict[str, int]:
    """The drawings that lines call by number, with that number; lines with other names are left out."""
    return {name: int(name) for name in shown(lines) if name.lstrip("-").isdecimal()}


def speaks_of_mouths(line: Line) -> bool:
    """Whether a line's channel is one that chooses a drawing."""
    return line.channel in VISEMES or line.channel == JAW


def value(block: Any, name: str) -> float:
    """The current value of the number or switch at a data path."""
    return float(block.path_resolve(name))


def set_value(block: Any, name: str, value: float) -> None:
    """Set the number or switch at a data path, in its own type; nothing happens when it is gone."""
    set_number_at(block, (name, 0), round(value))


set_values = one_by_one(set_value)


def curve(_block: Any, name: str) -> tuple[str, int]:
    """Data path and array index of the control's F-curve: its name is the path, and none is part of an array."""
    return name, 0


def ensure_editable(obj: bpy.types.Object, block: Any) -> None:
    """Raise a RigError that says what to do where a drawing is linked."""
    if block.library is not None:
        raise RigError(
            f"'{obj.name}' or what it shows is linked from '{bpy.path.basename(block.library.filepath)}' and cannot be "
            "animated here. Make a library override of it (Object > Library Override > Make), or append it."
        )


def driven(obj: bpy.types.Object, block: Any, names: Sequence[str]) -> list[str]:
    """A sentence where a driver moves any of the controls; none otherwise."""
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
