# SPDX-License-Identifier: GPL-3.0-or-later
"""Rig conventions: what one kind of character calls its controls, and which channels move them.

One TOML file for each in ``inference/retarget/conventions/``, found by itself; docs/reference/conventions.md explains
every key. Reading checks everything once: names, channels, numbers. An error names the file, the line and what was
expected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, structs

from ..core.channels import CHANNELS
from ..core.errors import RigError
from ..core.structure import Reader

FOLDER = Path(__file__).with_name("conventions")
SHAPE_KEY = "shape_key"
BONE_AXES: tuple[str, ...] = tuple(f"{what}_{axis}" for what in ("location", "rotation", "scale") for axis in "xyz")
KINDS: tuple[str, ...] = (SHAPE_KEY, *BONE_AXES)
CURVES: tuple[str, ...] = ("linear", "ease", "power")


Text = Annotated[str, Meta(min_length=1)]
Finite = Annotated[float, Meta(ge=-1e6, le=1e6)]


class ConventionEntry(
    Struct,
    frozen=True,
    eq=False,
    forbid_unknown_fields=True,
    rename={"weights": "from", "low": "min", "high": "max"},
):
    """One control of a convention and what moves it.

    Parameters
    ----------
    name : str
        As its makers spell it.
    weights : mapping of str to float
        Channel to weight: the control stands at the sum of channel x weight.
    also : tuple of str
        Other names of the same control.
    loose : tuple of str
        Names that mean this control only on a character that has enough others of the convention ("Open", "E").
    kind : str
        One of `KINDS`: a shape key or another value with a name, or an axis of a bone.
    low, high : float
        The range it may stand in: 0 to 1 for shapes, radians for rotations, bone lengths for locations.
    curve : str
        One of `CURVES`, applied to each channel before its weight.
    power : float
        Exponent of the curve "power".
    unless : tuple of str
        Controls of the convention; where a character has one of them, this one rests: a shape of both eyelids rests
        where each eyelid has its own.
    rests : bool
        Whether it rests on a character whose mouth is driven by the other kind of shapes (ARKit or visemes). Tongues do
        not.
    extra : bool
        Whether a complete character of this kind may lack it.
    opening : float, optional
        For a drawn mouth: how far it is open, from 0 to 1; computed from its visemes where not given.
    """

    name: Text
    weights: Annotated[Mapping[Literal[CHANNELS], Finite], Meta(min_length=1)]
    also: tuple[Text, ...] = ()
    loose: tuple[Text, ...] = ()
    kind: Literal[KINDS] = SHAPE_KEY
    low: Finite = 0.0
    high: Finite = 1.0
    curve: Literal[CURVES] = "linear"
    power: Annotated[float, Meta(gt=0, le=1e6)] = 1.0
    unless: tuple[Text, ...] = ()
    rests: bool = True
    extra: bool = False
    opening: Finite | None = None


class Convention(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """What a kind of character calls its controls.

    Parameters
    ----------
    key : str
        The file's name without ending, as presets and scripts call it.
    name, about : str
        For people.
    sources : tuple of str
        Where the names were looked up.
    targets : tuple of ConventionEntry
        Empty for a convention that is only recognised.
    together : int
        How many loose names, or bones, a character must have for any of them to count.
    unit : str
        The bone in whose lengths locations are given; empty for metres.
    fallback : bool
        Whether it comes after every other convention that knows some of the names, unless it knows all of them.
    patterns : tuple of str
        Regular expressions of names that are recognised but cannot be driven.
    note : str
        Why they cannot be driven, and what to do instead.
    """

    key: str
    name: str
    about: str
    sources: tuple[Text, ...] = ()
    targets: tuple[ConventionEntry, ...] = ()
    together: int = 4
    unit: str = ""
    fallback: bool = False
    patterns: tuple[Text, ...] = ()
    note: str = ""

    @property
    def channels(self) -> set[str]:
        """The channels that move something on a complete character of this kind."""
        return {channel for target in self.targets if not target.extra for channel in target.weights}


@cache
def conventions(folder: Path = FOLDER) -> tuple[Convention, ...]:
    """All conventions of a folder, by file name.

    Raises
    ------
    RigError
        When a file is not what docs/reference/conventions.md describes.
    """
    return tuple(read_convention(path) for path in sorted(folder.glob("*.toml")))


def read_convention(path: Path) -> Convention:
    """One convention from its TOML file.

    Raises
    ------
    RigError
        Naming the file, the line or key, what was expected and what came.
    """
    reader = _reader(f"'{path.name}'")
    table = reader.toml(text := reader.text(path))
    rows = reader.convert(table.pop("targets", []), list[dict[str, Any]])
    convention = reader.convert({**table, "key": path.stem}, Convention)
    convention = structs.replace(convention, targets=tuple(_target(row, path.name, text) for row in rows))
    if wrong := _wrong(convention):
        raise RigError(f"Expected {reader.what} to have {wrong}. {reader.advice}")
    return convention


def _reader(what: str) -> Reader:
    return Reader(what, "docs/reference/conventions.md has the format.", RigError)


def _target(row: dict[str, Any], file: str, text: str) -> ConventionEntry:
    """One row of the file, whose errors name its line. ``from`` may be the name of the one channel it copies."""
    name = row.get("name")
    line = next((f", line {n}" for n, row_text in enumerate(text.splitlines(), 1) if f'"{name}"' in row_text), "")
    reader = _reader(f"'{file}'{line}, target '{name}',")
    given = row.get("from")
    target = reader.convert({**row, "from": {given: 1.0}} if isinstance(given, str) else row, ConventionEntry)
    if target.low >= target.high:
        raise RigError(f"Expected {reader.what} with 'min' below 'max', got {target.low:g} and {target.high:g}.")
    return target


def _wrong(convention: Convention) -> str:
    """What a file should have instead, found only once all of it is read; empty where it is right."""
    seen: set[tuple[str, str]] = set()
    names = {target.name for target in convention.targets}
    for target in convention.targets:
        for name in (target.name, *target.also, *target.loose):
            if (name, target.kind) in seen:
                return f"every name once, got '{name}' twice"
            seen.add((name, target.kind))
        if missing := [name for name in target.unless if name not in names]:
            return f"targets of its own under 'unless' of '{target.name}', got '{missing[0]}'"
    if bool(convention.targets) == bool(convention.patterns):
        return "either 'targets' or 'patterns'"
    for pattern in convention.patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            return f"regular expressions under 'patterns', got '{pattern}' ({error})"
    return ""
