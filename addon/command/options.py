# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands that bake have in common: how to bake, which object, and where the .blend is saved."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import bpy

from ...inference.core.atomic_write import ensure_writable
from ...inference.core.errors import ExportError, RigError
from ...inference.core.parts import PARTS
from ..bake.mode import ADDITIVE, BEZIER, DENSE, EXISTING, LINEAR, NEW, SPARSE, STRIPS, Mode, chosen


def add_saving(command: argparse.ArgumentParser) -> None:
    """Options on what becomes of the .blend, and of the report."""
    command.add_argument("--save", action="store_true", help="save the .blend that was opened")
    command.add_argument("--output", metavar="FILE", help="save under this name instead")
    command.add_argument("--json", action="store_true", help="print the report as one line of JSON")


def add_mode(command: argparse.ArgumentParser) -> None:
    """Options that stand for the settings of the scene, which count where they are not given."""
    command.add_argument("--into", choices=[NEW, EXISTING, ADDITIVE, STRIPS], type=str.upper, help="where the keys go")
    command.add_argument("--keys", choices=[DENSE, SPARSE], type=str.upper, help="on every frame, or few")
    command.add_argument("--interpolation", choices=[LINEAR, BEZIER], type=str.upper)
    command.add_argument("--error", type=float, help="largest difference that fewer keys may make")
    command.add_argument("--parts", type=_parts, metavar="NAMES", help=f"with commas between: {', '.join(PARTS)}")
    command.add_argument("--range", type=_range, metavar="FIRST:LAST", dest="span", help="bake these frames only")
    command.add_argument("--blend", type=int, help="frames over which a range comes in and goes out")


def mode_of(options: argparse.Namespace, scene: bpy.types.Scene) -> Mode:
    """How to bake; raises FacewrightError as `Mode` does."""
    names = ("into", "keys", "interpolation", "error", "parts", "span", "blend")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    return replace(chosen(scene), **given)


def goal_of(options: argparse.Namespace) -> Path:
    """Where the .blend is to be saved; raises ExportError where it cannot be."""
    if options.output:
        goal = Path(options.output).absolute()
    elif not options.save:
        raise ExportError("Nothing would be kept. Add --save, or --output FILE.blend.")
    elif not bpy.data.filepath:
        raise ExportError("No .blend is open to be saved. Name one before --command, or add --output FILE.blend.")
    else:
        goal = Path(bpy.data.filepath)
    ensure_writable(goal)
    return goal


def object_of(name: str, scene: bpy.types.Scene) -> bpy.types.Object:
    """The object with a name; raises RigError where the scene has none."""
    obj = scene.objects.get(name)
    if obj is None:
        names = [obj.name for obj in scene.objects]
        there = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        raise RigError(f"Expected an object of scene '{scene.name}', got '{name}'. Its objects: {there}.")
    return obj


def save(goal: Path) -> None:
    """Save the .blend. Blender writes beside the file and renames, so a failed save leaves the old file whole."""
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(goal), copy=False, check_existing=False)
    except RuntimeError as error:
        raise ExportError(f"Blender could not save '{goal}': {str(error).strip()}") from error


def _parts(text: str) -> frozenset[str]:
    names = frozenset(name.strip().lower() for name in text.split(","))
    if not names <= set(PARTS):
        raise ValueError(text)
    return names


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition(":")
    return int(first), int(last)
