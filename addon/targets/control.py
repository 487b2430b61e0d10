# SPDX-License-Identifier: GPL-3.0-or-later
"""The contract of a kind of control, which is one file in `addon.targets.kinds`, and functions that these share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import bpy
import numpy as np

from ...inference.core.channels import MOUTH, VISEMES
from ...inference.core.errors import RigError
from ...inference.retarget.matching import Recognition
from ...inference.retarget.rig import ENOUGH_MOUTH, Line, Rig, lines_for

_LOOKS = ("eyeLook", "leftEye", "rightEye")


@dataclass(frozen=True)
class Controls:
    """The controls of one kind on one data-block.

    Parameters
    ----------
    obj : bpy.types.Object
        The member of the family that shows the data-block; `Line.where` may name it.
    block : bpy.types.ID
        The data-block on which they are keyed.
    names : tuple of str
        The names by which lines call them, in `Line.target`.
    """

    obj: bpy.types.Object
    block: Any
    names: tuple[str, ...]


class Values(Protocol):
    """Access to controls as numbers that are keyed. `block` is the data-block that carries the keys."""

    def blocks(self) -> Iterable[bpy.types.ID]:
        """All data-blocks of this kind in the file."""
        ...

    def value(self, block: Any, name: str) -> float:
        """The current value of a control."""
        ...

    def set_value(self, block: Any, name: str, value: float) -> None:
        """Move a control; nothing happens when it is gone."""
        ...

    def set_values(self, block: Any, values: Mapping[str, float]) -> None:
        """Move many controls of a data-block at once, by name; those that are gone are left out."""
        ...

    def curve(self, block: Any, name: str) -> tuple[str, int]:
        """Data path and array index of its F-curve."""
        ...

    def ensure_editable(self, obj: bpy.types.Object, block: Any) -> None:
        """Raise a RigError that says what to do when the data-block cannot be keyed."""
        ...

    def obstacles(self, obj: bpy.types.Object, block: Any, names: Sequence[str], values: np.ndarray) -> list[str]:
        """Sentences about controls that will not take the values [shape=(F, T)] that are to be keyed."""
        ...


class Target(Values, Protocol):
    """A kind of control: a module with these names and functions.

    Lines call a control by its name on the character. `rig_for` returns a rig whose controls are the numbers that are
    keyed (a bone has nine of them); their names, unique on the data-block, are those that `value`, `curve` ... take.
    """

    ORDER: int
    """Where several kinds of control could make the mouth, the one with the lowest number does."""

    KINDS: Mapping[str, str]
    """The kinds of lines it takes (`Line.kind`), and the label of each in the panel."""

    def found(self, members: Sequence[bpy.types.Object]) -> Iterable[Controls]:
        """All controls of this kind in a family, each data-block once."""
        ...

    def recognised(self, found: Sequence[Controls]) -> tuple[Recognition, ...]:
        """The conventions that their names follow, the best first."""
        ...

    def matched(self, found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
        """The lines that matching by name gives.

        `above` are the lines of kinds with a lower `ORDER`: a mouth that they move is not moved twice.
        """
        ...

    def rig_for(self, controls: Controls, lines: Sequence[Line], hold: float = 0.0) -> Rig:
        """The rig of one data-block, from those lines that reach it; it has no lines where none does.

        `hold` is for how many seconds a drawing is shown at least; other kinds of control have no use for it.
        """
        ...


def one_by_one(set_value: Callable[[Any, str, float], None]) -> Callable[[Any, Mapping[str, float]], None]:
    """The `set_values` of a kind that has no faster way than to move one control after the other."""

    def set_values(block: Any, values: Mapping[str, float]) -> None:
        """Move many controls of a data-block, one after the other."""
        for name, value in values.items():
            set_value(block, name, value)

    return set_values


def lines_by_name(found: Sequence[Controls], kind: str) -> tuple[Line, ...]:
    """Lines for controls whose names follow a convention, in any spelling.

    A line counts for all data-blocks; where they differ there is one for each object, since teeth may have controls
    that a face has not.
    """
    objects_with: dict[str, list[str]] = {}  # name of a control -> the objects that have it
    objects_of: dict[Line, list[str]] = {}  # line -> the objects for which it was matched
    for controls, matches in zip(found, lines_for([controls.names for controls in found]), strict=True):
        for name in controls.names:
            objects_with.setdefault(name, []).append(controls.obj.name)
        for line in matches:
            objects_of.setdefault(replace(line, kind=kind), []).append(controls.obj.name)
    lines: list[Line] = []
    for line, objects in objects_of.items():
        everywhere = objects == objects_with[line.target]
        lines += [line] if everywhere else [replace(line, where=name) for name in objects]
    return tuple(lines)


def speaks(lines: Iterable[Line]) -> bool:
    """Whether lines that are on move a mouth."""
    return any(line.use and line.channel in (*MOUTH, *VISEMES) for line in lines)


def eyes_are_free(above: Iterable[Line]) -> bool:
    """Whether lines move a mouth and none of them the eyes."""
    above = tuple(above)
    return speaks(above) and not any(line.use and line.channel.startswith(_LOOKS) for line in above)


def resting(lines: Iterable[Line], above: Iterable[Line]) -> tuple[Line, ...]:
    """The same lines, switched off where lines above move their channel already.

    Where those make the mouth with ARKit shapes, lines for visemes are off, too, and the other way round.
    """
    moved = {line.channel for line in above if line.use}
    arkit = len(moved.intersection(MOUTH)) >= ENOUGH_MOUTH
    moved.update(VISEMES if arkit else MOUTH if moved.intersection(VISEMES) else ())
    return tuple(replace(line, use=line.use and line.channel not in moved) for line in lines)


def editable(obj: bpy.types.Object, block: bpy.types.ID) -> None:
    """Raise a RigError that says what to do where an object is linked."""
    if block.library is not None:
        raise RigError(
            f"'{obj.name}' is linked from '{bpy.path.basename(block.library.filepath)}' and cannot be animated here. "
            "Make a library override of it (Object > Library Override > Make), or append it."
        )


def reaching(lines: Iterable[Line], controls: Controls, kind: str) -> tuple[Line, ...]:
    """The lines of a kind that name one of the controls, and no other object."""
    names = set(controls.names)
    return tuple(
        line for line in lines if line.kind == kind and line.target in names and line.where in ("", controls.obj.name)
    )


def some(names: Sequence[str]) -> str:
    """Names for a sentence: the first three, and how many more there are."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
