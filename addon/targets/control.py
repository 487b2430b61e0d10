# SPDX-License-Identifier: GPL-3.0-or-later
"""A kind of control: what a file in `addon.targets.kinds` must have, and what such files share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    """What one data-block has of one kind of control.

    Parameters
    ----------
    obj : bpy.types.Object
        The member of the family that shows it; what `Line.where` names.
    block : bpy.types.ID
        Carries the keys.
    names : tuple of str
        What lines call them, in `Line.target`.
    """

    obj: bpy.types.Object
    block: Any
    names: tuple[str, ...]


class Values(Protocol):
    """The controls of a data-block, one number each. `block` carries the keys."""

    def blocks(self) -> Iterable[bpy.types.ID]:
        """All data-blocks of this kind in the file."""
        ...

    def value(self, block: Any, name: str) -> float:
        """What a control stands at now."""
        ...

    def set_value(self, block: Any, name: str, value: float) -> None:
        """Move a control; nothing happens when it is gone."""
        ...

    def curve(self, block: Any, name: str) -> tuple[str, int]:
        """Data path and array index of its F-curve."""
        ...

    def ensure_editable(self, obj: bpy.types.Object, block: Any) -> None:
        """Raise a RigError that says what to do when the data-block cannot be keyed."""
        ...

    def obstacles(self, obj: bpy.types.Object, block: Any, names: Sequence[str], values: np.ndarray) -> list[str]:
        """Sentences about what will not move as the values [shape=(F, T)] say."""
        ...


class Target(Values, Protocol):
    """A kind of control: a module with these names and functions.

    Lines name a control by its name on the character. `rig_for` gives a rig whose targets are the numbers that are
    keyed (a bone has nine of them); those names, unique on the data-block, are what `value`, `curve` ... are asked for.
    """

    ORDER: int
    """Who comes first where several kinds could make the mouth: the lowest."""

    KINDS: Mapping[str, str]
    """The kinds of lines it takes (`Line.kind`), and what the panel calls each."""

    def found(self, members: Sequence[bpy.types.Object]) -> Iterable[Controls]:
        """All controls of this kind in a family, each data-block once."""
        ...

    def recognised(self, found: Sequence[Controls]) -> tuple[Recognition, ...]:
        """The conventions that their names follow, the best first."""
        ...

    def matched(self, found: Sequence[Controls], above: Sequence[Line]) -> Iterable[Line]:
        """The lines that matching by name gives; `above` are those of the targets before, and a mouth moves once."""
        ...

    def rig_for(self, controls: Controls, lines: Sequence[Line], hold: float = 0.0) -> Rig:
        """Those of some lines that reach a data-block, in the numbers that are keyed there.

        `hold` is how many seconds one drawing is shown at least, where drawings are.
        """
        ...


def lines_by_name(found: Sequence[Controls], kind: str) -> tuple[Line, ...]:
    """Lines for controls whose names are compared with those of every convention, in any spelling.

    One line for all data-blocks, or one for each where they differ: teeth may have what a face has not.
    """
    having: dict[str, list[str]] = {}  # control -> the objects that have it
    agreeing: dict[Line, list[str]] = {}  # line -> the objects on which it was written
    for one, lines in zip(found, lines_for([one.names for one in found]), strict=True):
        for name in one.names:
            having.setdefault(name, []).append(one.obj.name)
        for line in lines:
            agreeing.setdefault(replace(line, kind=kind), []).append(one.obj.name)
    written: list[Line] = []
    for line, objects in agreeing.items():
        everywhere = objects == having[line.target]
        written += [line] if everywhere else [replace(line, where=name) for name in objects]
    return tuple(written)


def speaks(lines: Iterable[Line]) -> bool:
    """Whether lines that are on move a mouth."""
    return any(line.use and line.channel in (*MOUTH, *VISEMES) for line in lines)


def eyes_are_free(above: Iterable[Line]) -> bool:
    """Whether there is a face whose eyes nothing moves yet."""
    above = tuple(above)
    return speaks(above) and not any(line.use and line.channel.startswith(_LOOKS) for line in above)


def resting(lines: Iterable[Line], above: Iterable[Line]) -> tuple[Line, ...]:
    """The same lines, off where those above move their channel, or make the mouth in the other way (ARKit, visemes)."""
    moved = {line.channel for line in above if line.use}
    arkit = len(moved.intersection(MOUTH)) >= ENOUGH_MOUTH
    moved.update(VISEMES if arkit else MOUTH if moved.intersection(VISEMES) else ())
    return tuple(replace(line, use=line.use and line.channel not in moved) for line in lines)


def editable(obj: bpy.types.Object, block: bpy.types.ID) -> None:
    """Raise the RigError of an object that is linked."""
    if block.library is not None:
        raise RigError(
            f"'{obj.name}' is linked from '{bpy.path.basename(block.library.filepath)}' and cannot be animated here. "
            "Make a library override of it (Object > Library Override > Make), or append it."
        )


def reaching(lines: Iterable[Line], controls: Controls, kind: str) -> tuple[Line, ...]:
    """Those lines of a kind that name one of the controls."""
    names = set(controls.names)
    return tuple(
        line for line in lines if line.kind == kind and line.target in names and line.where in ("", controls.obj.name)
    )


def some(names: Sequence[str]) -> str:
    """A few names for a sentence."""
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
