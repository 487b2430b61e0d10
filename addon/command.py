# SPDX-License-Identifier: GPL-3.0-or-later
"""``blender -b shot.blend --command facewright bake --audio line.wav --save``: for farms and technical directors.

``... --command facewright --check`` prints what will not move, and why, as JSON, and changes nothing.

Exit codes: 0 baked and saved, or nothing found that would keep it from that; 1 could not (the file on disk is as it
was), or would not; 2 the arguments make no sense.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import bpy

from ..inference.core.atomic_write import ensure_writable
from ..inference.core.errors import ExportError, FacewrightError, RigError
from ..inference.core.parts import PARTS
from .bake import bake
from .bake.mode import ADDITIVE, BEZIER, DENSE, EXISTING, LINEAR, NEW, SPARSE, STRIPS, Mode, chosen
from .character import character
from .preflight import inspection
from .ui.takes import generate


def main(arguments: list[str]) -> int:
    """Run a command line; the result is the exit code."""
    try:
        options = _parser().parse_args(["check" if one == "--check" else one for one in arguments])
        if options.command == "check":
            return _check(options)
        report = _bake(options)
    except SystemExit as usage:  # argparse has said what is wrong, or printed its help
        return int(usage.code or 0)
    except FacewrightError as error:
        if "--json" in arguments:
            sys.stdout.write(json.dumps({"error": str(error), "kind": type(error).__name__}) + "\n")
        sys.stderr.write(f"facewright: {error}\n")
        return 1
    if options.json:
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        sys.stdout.write(f"{report['text']}\nSaved '{report['file']}'.\n")
    sys.stdout.flush()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="blender -b FILE.blend --command facewright")
    commands = parser.add_subparsers(dest="command", required=True)
    baking = commands.add_parser("bake", help="generate from speech and bake to keyframes")
    baking.add_argument("--audio", required=True, metavar="FILE", help="the speech")
    baking.add_argument("--object", metavar="NAME", help="any object of the character; default: the active one")
    baking.add_argument(
        "--frame", type=float, help="scene frame at which the sound begins; default: the character's own"
    )
    baking.add_argument("--seed", type=int, help="default: the character's own")
    baking.add_argument("--save", action="store_true", help="save the .blend that was opened")
    baking.add_argument("--output", metavar="FILE", help="save under this name instead")
    baking.add_argument("--json", action="store_true", help="print the report as one line of JSON")
    _add_mode(baking)
    checking = commands.add_parser("check", help="say as JSON what will not move; also written --check")
    checking.add_argument("--object", metavar="NAME", help="any object of the character; default: the active one")
    checking.add_argument("--audio", metavar="FILE", help="the speech; default: what is set on the character")
    return parser


def _add_mode(baking: argparse.ArgumentParser) -> None:
    """Options that stand for the settings of the scene, which count where they are not given."""
    baking.add_argument("--into", choices=[NEW, EXISTING, ADDITIVE, STRIPS], type=str.upper, help="where the keys go")
    baking.add_argument("--keys", choices=[DENSE, SPARSE], type=str.upper, help="on every frame, or few")
    baking.add_argument("--interpolation", choices=[LINEAR, BEZIER], type=str.upper)
    baking.add_argument("--error", type=float, help="largest difference that fewer keys may make")
    baking.add_argument("--parts", type=_parts, metavar="NAMES", help=f"with commas between: {', '.join(PARTS)}")
    baking.add_argument("--range", type=_range, metavar="FIRST:LAST", dest="span", help="bake these frames only")
    baking.add_argument("--blend", type=int, help="frames over which a range comes in and goes out")


def _parts(text: str) -> frozenset[str]:
    names = frozenset(name.strip().lower() for name in text.split(","))
    if not names <= set(PARTS):
        raise ValueError(text)
    return names


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition(":")
    return int(first), int(last)


def _check(options: argparse.Namespace) -> int:
    scene = bpy.context.scene
    try:
        audio = str(Path(options.audio).absolute()) if options.audio else ""
        report = inspection.report(scene, _object(options.object, scene), audio)
    except FacewrightError as error:
        report = inspection.failed(error)
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    return 0 if report["ok"] else 1


def _mode(options: argparse.Namespace, scene: bpy.types.Scene) -> Mode:
    names = ("into", "keys", "interpolation", "error", "parts", "span", "blend")
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    return replace(chosen(scene), **given)


def _bake(options: argparse.Namespace) -> dict[str, Any]:
    goal = _goal(options)
    scene = bpy.context.scene
    obj = _object(options.object, scene)
    mode = _mode(options, scene)
    request = generate.prepare(
        scene, obj, path=str(Path(options.audio).absolute()), frame=options.frame, seed=options.seed
    )
    job = request.job()
    while not job.poll(wait=0.1):
        pass
    generated = generate.finish(request, job)
    who = character.find(obj, scene)
    findings = inspection.inspect(scene, who)
    report = bake.bake(scene, who, mode)
    _save(goal)
    return {"file": str(goal), "text": f"{generated}\n{report}", "seed": request.seed, **asdict(report)} | {
        "preflight": [asdict(one) for one in findings]
    }


def _goal(options: argparse.Namespace) -> Path:
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


def _object(name: str | None, scene: bpy.types.Scene) -> bpy.types.Object | None:
    if name is None:
        return bpy.context.view_layer.objects.active or _only_character(scene)
    obj = scene.objects.get(name)
    if obj is None:
        raise RigError(f"Expected an object of scene '{scene.name}', got '{name}'. Its objects: {_names(scene)}.")
    return obj


def _only_character(scene: bpy.types.Scene) -> bpy.types.Object | None:
    """The root of the only character of a scene; None when there are several, or none."""
    roots = {character.family_root(o) for o in scene.objects if getattr(o.data, "shape_keys", None)}
    return roots.pop() if len(roots) == 1 else None


def _names(scene: bpy.types.Scene) -> str:
    names = [obj.name for obj in scene.objects]
    return ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")


def _save(goal: Path) -> None:
    """Save the .blend. Blender writes beside the file and renames, so a failed save leaves the old file whole."""
    try:
        bpy.ops.wm.save_as_mainfile(filepath=str(goal), copy=False, check_existing=False)
    except RuntimeError as error:
        raise ExportError(f"Blender could not save '{goal}': {str(error).strip()}") from error


_command: Any = None


def register() -> None:
    global _command
    _command = bpy.utils.register_cli_command("facewright", main)


def unregister() -> None:
    bpy.utils.unregister_cli_command(_command)
