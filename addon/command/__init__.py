# SPDX-License-Identifier: GPL-3.0-or-later
"""``blender -b shot.blend --command facewright bake --audio line.wav --save``: for farms and technical directors.

``scene`` in place of ``bake`` does the whole cast; ``--command facewright --check`` prints what will not move, and why,
as JSON, and changes nothing; ``serve`` works for ``facewright batch``. Each command is a file beside this one, with
``add(commands)`` and ``run(options)``.

Exit codes: 0 baked and saved, or nothing found that would keep it from that; 1 could not (the file on disk is as it
was), or would not; 2 the arguments make no sense.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

import bpy

from ...inference.core.errors import FacewrightError
from . import bake, check, scene, serve


def main(arguments: list[str]) -> int:
    """Run a command line; the result is the exit code."""
    try:
        options = _parser().parse_args(["check" if one == "--check" else one for one in arguments])
        if options.command == "check":
            return check.run(options)
        if options.command == "serve":
            return serve.run(options)
        report = scene.run(options) if options.command == "scene" else bake.run(options)
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
    for command in (bake, scene, check, serve):
        command.add(commands)
    return parser


_command: Any = None


def register() -> None:
    global _command
    _command = bpy.utils.register_cli_command("facewright", main)


def unregister() -> None:
    bpy.utils.unregister_cli_command(_command)
