# SPDX-License-Identifier: GPL-3.0-or-later
"""Rig conventions: what a kind of character calls its controls, and which of our channels move them.

One TOML file for each in ``inference/retarget/conventions/``, found by itself; docs/reference/conventions.md explains
every key. Reading checks everything once: names, channels, numbers. An error names the file, the line and what was
expected.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..core.channels import CHANNELS
from ..core.errors import RigError

FOLDER = Path(__file__).with_name("conventions")
SHAPE_KEY = "shape_key"
BONE_AXES: tuple[str, ...] = tuple(f"{what}_{axis}" for what in ("location", "rotation", "scale") for axis in "xyz")
KINDS: tuple[str, ...] = (SHAPE_KEY, *BONE_AXES)
CURVES: tuple[str, ...] = ("linear", "ease", "power")


@dataclass(frozen=True, eq=False)
class Target:
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
        Names that mean this control only where enough others of the convention are there ("Open", "E").
    kind : str
        One of `KINDS`: a shape key or another value with a name, or an axis of a bone.
    low, high : float
        The range it may stand in: 0 to 1 for shapes, radians for rotations, bone lengths for locations.
    curve : str
        One of `CURVES`, applied to each channel before its weight.
    power : float
        Exponent of the curve "power".
    unless : tuple of str
        Targets that make this one rest where they are there: both eyelids in one shape rest where each has its own.
    rests : bool
        Whether it rests where the other kind of mouth (ARKit or visemes) is driven. Tongues do not.
    extra : bool
        Whether a complete character of this kind may lack it.
    opening : float, optional
        Of a mouth that is drawn and held: how far it is open, from 0 to 1; told from its visemes where not given.
    """

    name: str
    weights: Mapping[str, float]
    also: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    kind: str = SHAPE_KEY
    low: float = 0.0
    high: float = 1.0
    curve: str = "linear"
    power: float = 1.0
    unless: tuple[str, ...] = ()
    rests: bool = True
    extra: bool = False
    opening: float | None = None


@dataclass(frozen=True, eq=False)
class Convention:
    """What a kind of character calls its controls.

    Parameters
    ----------
    key : str
        The file's name without ending, as presets and scripts call it.
    name, about : str
        For people.
    sources : tuple of str
        Where the names were looked up.
    targets : tuple of Target
        Empty for a convention that is only recognised.
    together : int
        How many loose names, or bones, must be there for any of them to count.
    unit : str
        The bone in whose lengths locations are given; empty for metres.
    fallback : bool
        Whether it counts only where no other convention knows more of the names.
    patterns : tuple of str
        Regular expressions of names that are recognised and cannot be driven.
    note : str
        Why not, and what to do instead.
    """

    key: str
    name: str
    about: str
    sources: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    together: int = 4
    unit: str = ""
    fallback: bool = False
    patterns: tuple[str, ...] = ()
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
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RigError(f"Expected a TOML file in UTF-8 at '{path}': {error}.") from error
    reader = _Reader(path.name, text)
    reader.known(table, "", {"name", "about", "sources", "targets", "together", "unit", "fallback", "patterns", "note"})
    convention = Convention(
        key=path.stem,
        name=reader.take(table, "", "name", str),
        about=reader.take(table, "", "about", str),
        sources=reader.strings(table, "", "sources"),
        targets=tuple(reader.target(row) for row in reader.take(table, "", "targets", list, [])),
        together=reader.take(table, "", "together", int, 4),
        unit=reader.take(table, "", "unit", str, ""),
        fallback=reader.take(table, "", "fallback", bool, False),
        patterns=reader.strings(table, "", "patterns"),
        note=reader.take(table, "", "note", str, ""),
    )
    reader.check(convention)
    return convention


@dataclass
class _Reader:
    """Takes values out of tables; its errors say where."""

    file: str
    text: str

    def fail(self, at: str, expected: str, came: object) -> RigError:
        line = next((f", line {n}" for n, row in enumerate(self.text.splitlines(), 1) if at and f'"{at}"' in row), "")
        where = f", target '{at}'" if at else ""
        form = "docs/reference/conventions.md has the format."
        return RigError(f"{self.file}{line}{where}: expected {expected}, got {came!r}. {form}")

    def known(self, table: Mapping[str, Any], at: str, keys: set[str]) -> None:
        for key in table:
            if key not in keys:
                raise self.fail(at, f"one of the keys {', '.join(sorted(keys))}", key)

    def take(self, table: Mapping[str, Any], at: str, key: str, kind: type, default: Any = None) -> Any:
        value = table.get(key, default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fail(at, f"'{key}' to be a {_SAID[kind]}", value)
        if kind is float and not math.isfinite(value):
            raise self.fail(at, f"'{key}' to be finite", value)
        return value

    def strings(self, table: Mapping[str, Any], at: str, key: str) -> tuple[str, ...]:
        values = self.take(table, at, key, list, [])
        if not all(isinstance(value, str) and value for value in values):
            raise self.fail(at, f"'{key}' to be a list of texts", values)
        return tuple(values)

    def target(self, row: Any) -> Target:
        if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not row["name"]:
            raise self.fail("", "every target to be a table with a name", row)
        at = row["name"]
        self.known(row, at, _KEYS)
        low = self.take(row, at, "min", float, 0.0)
        target = Target(
            name=at,
            weights=MappingProxyType(self.weights(row, at)),
            also=self.strings(row, at, "also"),
            loose=self.strings(row, at, "loose"),
            kind=self.choice(row, at, "kind", KINDS),
            low=low,
            high=self.take(row, at, "max", float, 1.0),
            curve=self.choice(row, at, "curve", CURVES),
            power=self.take(row, at, "power", float, 1.0),
            unless=self.strings(row, at, "unless"),
            rests=self.take(row, at, "rests", bool, True),
            extra=self.take(row, at, "extra", bool, False),
            opening=self.take(row, at, "opening", float) if "opening" in row else None,
        )
        if target.low >= target.high:
            raise self.fail(at, "'min' below 'max'", (target.low, target.high))
        if target.power <= 0:
            raise self.fail(at, "'power' above 0", target.power)
        return target

    def weights(self, row: Mapping[str, Any], at: str) -> dict[str, float]:
        given = row.get("from")
        table = {given: 1.0} if isinstance(given, str) else given
        if not isinstance(table, dict) or not table:
            raise self.fail(at, "'from' to be a channel, or a table of channels and weights", given)
        for channel in table:
            if channel not in CHANNELS:
                raise self.fail(at, "a channel of inference/core/channels.py in 'from'", channel)
        return {channel: self.take(table, at, channel, float) for channel in table}

    def choice(self, row: Mapping[str, Any], at: str, key: str, among: tuple[str, ...]) -> str:
        value = row.get(key, among[0])
        if value not in among:
            raise self.fail(at, f"'{key}' to be one of {', '.join(among)}", value)
        return value

    def check(self, convention: Convention) -> None:
        """What only shows when the whole file is read."""
        seen: set[tuple[str, str]] = set()
        names = {target.name for target in convention.targets}
        for target in convention.targets:
            for name in (target.name, *target.also, *target.loose):
                if (name, target.kind) in seen:
                    raise self.fail(target.name, "every name once in a file", name)
                seen.add((name, target.kind))
            if missing := [name for name in target.unless if name not in names]:
                raise self.fail(target.name, "'unless' to name targets of this file", missing[0])
        if bool(convention.targets) == bool(convention.patterns):
            raise self.fail("", "either 'targets' or 'patterns'", convention.key)
        for pattern in convention.patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise self.fail("", f"'patterns' to be regular expressions ({error})", pattern) from error


_SAID = {str: "text", list: "list", int: "whole number", float: "number", bool: "true or false"}
_KEYS = {"name", "from", "also", "loose", "kind", "min", "max", "curve", "power", "unless", "rests", "extra", "opening"}
