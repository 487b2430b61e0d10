# SPDX-License-Identifier: GPL-3.0-or-later
"""Of which lines bakes were, remembered with the records of what was there before them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...inference.keys.records import pack, unpack
from ..blender.actions import SlotRef
from . import records
from .mode import Mode

_HOW = ("keys", "interpolation", "error")  # fields of Mode

# What is left of the keys of a curve and of those that were baked, given its name, both of these, and where lines lay
Work = Callable[..., tuple[np.ndarray, np.ndarray]]


def lines(home: SlotRef) -> list[str] | None:
    """The keys of the lines of the last bake that were not taken out since; None where it was of none."""
    record = records.record_of(home)
    return None if record is None or "lines" not in record else json.loads(record["lines"])


def keep(home: SlotRef, keys: Sequence[str], mode: Mode) -> None:
    """Remember with the last bake of which lines it was, and how they were keyed."""
    with records.changed(home) as record:
        record["lines"] = json.dumps(list(keys))
        record["how"] = json.dumps({name: getattr(mode, name) for name in _HOW})


def how(home: SlotRef, line: str) -> dict[str, Any]:
    """How a line was keyed when it was baked last, as fields of `Mode`; empty when that is not known."""
    baked = (one for one in _downwards(records.record_of(home)) if line in json.loads(one.get("lines", "[]")))
    record = next(baked, None)
    return {} if record is None else json.loads(record.get("how", "{}"))


def rename(home: SlotRef, renamed: Mapping[str, str]) -> None:
    """Let all records at `home` know lines by other keys; `renamed` has them by those before."""
    if records.record_of(home) is None:
        return
    with records.changed(home) as record:
        for one in _downwards(record):
            for name in ("lines", "out"):
                if name in one:
                    one[name] = json.dumps([renamed.get(line, line) for line in json.loads(one[name])])
            if one.get("sounds"):
                places = json.loads(one["sounds"])
                one["sounds"] = json.dumps(
                    [place | {"line": renamed.get(place["line"], place["line"])} for place in places]
                )


def leave_out(home: SlotRef, line: str, changes: Mapping[str, tuple[np.ndarray, np.ndarray]], work: Work) -> None:
    """Take a line out of all records.

    Parameters
    ----------
    home : SlotRef
    line : str
        Its key.
    changes : mapping
        The keys of each curve before and after it was taken out of them [dtype=KEY], by name as in the records.
    work : callable
        Takes it out of what a curve was before a bake: of the keys, of those that were baked, given where lines lay.
    """
    with records.changed(home) as last:
        for record in _downwards(last):
            places = json.loads(record.get("sounds") or "[]")
            record["sounds"] = json.dumps([place for place in places if place["line"] != line])
            record["lines"] = json.dumps([one for one in json.loads(record.get("lines", "[]")) if one != line])
            record["out"] = json.dumps(sorted({line, *json.loads(record.get("out", "[]"))}))
            if "keys" in record:
                then = json.loads(record.get("earlier", {}).get("sounds") or "[]")
                changes = _left_out(record, changes, partial(work, places=then))


def _left_out(
    record: dict[str, Any],
    changes: Mapping[str, tuple[np.ndarray, np.ndarray]],
    work: Callable[[str, np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]],
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Take a line out of a record; gives the keys of each curve before that bake, as they were and without the line.

    `changes` are these after the bake.
    """
    known = unpack(record["memory"]) if record["memory"] else {}
    held = unpack(record["keys"])
    every = record["kind"] != "KEYS"  # all keys of a curve, not only those of a stretch
    limits = {} if every else dict(zip(held, json.loads(record["limits"]), strict=True))
    found = {}
    for name, (now, new) in changes.items():
        was = now
        if name in held:
            was = held[name] if every else records.before_bake(now, held[name], limits[name])
        without = was
        if name in known:
            without, known[name] = work(name, was, known[name])
        found[name] = was, without
        if every and name in held:
            held[name] = without
        elif not every:
            stretch, around = records.stretch_of(without, new)
            held.pop(name, None)
            if around:
                held[name], limits[name] = stretch, around
    record["keys"], record["memory"] = pack(held), pack(known) if record["memory"] else record["memory"]
    if not every:
        record["limits"] = json.dumps([limits[name] for name in held])
    return found


def taken_out(home: SlotRef) -> list[str]:
    """The keys of the lines that were taken out of the last bake, or of those beneath it since it was made."""
    record = records.record_of(home)
    return [] if record is None else json.loads(record.get("out", "[]"))


def _downwards(record: Any) -> Iterator[Any]:
    """A record of a bake, and those of the bakes before it."""
    while record is not None:
        yield record
        record = record.get("earlier")
