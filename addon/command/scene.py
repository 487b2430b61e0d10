# SPDX-License-Identifier: GPL-3.0-or-later
"""``scene``: the whole cast, every line of it generated and baked."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy

from ...inference.core.errors import AudioError
from ...inference.core.structure import Reader
from ..bake.report import BakeReport
from ..blender.rna import settings_of
from ..character import character
from ..character.character import Character
from ..preflight import inspection
from ..takes import cast, lines, store
from ..ui.lines import wanted
from ..ui.lines.bake import bake_scene
from ..ui.takes import generate
from ..worker.jobs import ManyTakes
from . import options as shared


def add(commands: Any) -> None:
    """Add the command with its options."""
    scene = commands.add_parser("scene", help="generate and bake every line of every character")
    scene.add_argument("--again", action="store_true", help="generate also lines that have a take already")
    scene.add_argument("--cast", metavar="FILE.toml", help="a table 'speaks': who speaks which channels or strips")
    scene.add_argument(
        "--speaks",
        metavar="NAME=CHANNELS",
        action="append",
        default=[],
        type=_speaks,
        help="a character with numbers or names of channels, names of strips or patterns, with commas between",
    )
    shared.add_saving(scene)
    shared.add_mode(scene)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Generate, bake and save; returns the report."""
    goal = shared.goal_of(options)
    scene = bpy.context.scene
    mode = shared.mode_of(options, scene)
    given = (_read(Path(options.cast)) if options.cast else {}) | dict(options.speaks)
    roots = {shared.object_of(name, scene): speaks for name, speaks in given.items()}
    for obj, speaks in roots.items():
        settings_of(character.find(obj, scene).root).speaks = speaks
    requests = wanted.of_scene(scene, options.again)
    made = _generate(requests) if requests else "Every line has a take already."
    findings = {who.root.name: inspection.inspect(scene, who) for who in _cast(scene)}
    baked = bake_scene(scene, mode)
    shared.save(goal)
    told = [line for who, report in baked for line in _lines(scene, who, report)]
    text = [made, *(f"{who.root.name}: {report}" for who, report in baked)]
    return {
        "file": str(goal),
        "text": "\n".join(text),
        "generated": len(requests),
        "lines": told,
        "warnings": list(dict.fromkeys(text for _, report in baked for text in report.warnings)),
        "preflight": {name: [asdict(one) for one in found] for name, found in findings.items()},
    }


def _generate(requests: Sequence[generate.Request]) -> str:
    """Make the takes, with progress on standard error; returns what was made."""
    job, shown = ManyTakes([request.job() for request in requests]), ""
    done = False
    while not done:
        done = job.poll(wait=0.1)
        if job.stage != shown:
            shown = job.stage
            sys.stderr.write(f"facewright: {shown}\n")
            sys.stderr.flush()
    return wanted.keep(requests, job)


def _cast(scene: bpy.types.Scene) -> list[Character]:
    return [character.find(root, scene) for root in cast.known(scene)]


def _lines(scene: bpy.types.Scene, who: Character, report: BakeReport) -> Iterator[dict[str, Any]]:
    """What was baked of each line of a character."""
    overlaps = lines.overlapping(scene, who.root)
    for baked in report.lines:
        line = next((one for one in lines.items(who.root) if one.key == baked.line), None)
        item = None if line is None else lines.chosen(who.root, line)
        if line is None or item is None:
            continue
        own = [text for text in overlaps if f"'{line.name}'" in text]
        yield {
            "character": who.root.name,
            "line": line.name,
            "sound": store.about(item).speech.path,
            "strip": line.strip,
            "seed": store.about(item).seed,
            "frames": [baked.first, baked.last],
            "keys": baked.keys,
            "warnings": [*own, *report.warnings],
        }


def _read(path: Path) -> dict[str, str]:
    """Who speaks what, of a file; a list of channels is written with commas between."""
    reader = Reader(f"'{path.name}'", 'Write a table [speaks] with lines such as Ann = "1".', AudioError)
    table = reader.convert(reader.toml(reader.text(path)), dict[str, dict[str, str | list[str]]])
    if set(table) != {"speaks"}:
        raise AudioError(
            f"Expected one table [speaks] in '{path.name}', got {', '.join(table) or 'none'}. Write who speaks what in "
            'it, such as Ann = "1".'
        )
    return {name: each if isinstance(each, str) else ", ".join(each) for name, each in table["speaks"].items()}


def _speaks(text: str) -> tuple[str, str]:
    name, equals, speaks = text.partition("=")
    if not equals or not name.strip() or not speaks.strip():
        raise ValueError(text)
    return name.strip(), speaks.strip()
