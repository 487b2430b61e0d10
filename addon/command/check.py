# SPDX-License-Identifier: GPL-3.0-or-later
"""``check``, also written ``--check``: what will not move, and why, as JSON; nothing is changed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import bpy

from ...inference.core.errors import FacewrightError
from ..preflight import inspection
from .bake import chosen_object


def add(commands: Any) -> None:
    """Add the command with its options."""
    checking = commands.add_parser("check", help="say as JSON what will not move; also written --check")
    checking.add_argument("--object", metavar="NAME", help="any object of the character; default: the active one")
    checking.add_argument("--audio", metavar="FILE", help="the speech; default: what is set on the character")


def run(options: argparse.Namespace) -> int:
    """Print the report; the result is the exit code."""
    scene = bpy.context.scene
    try:
        audio = str(Path(options.audio).absolute()) if options.audio else ""
        report = inspection.report(scene, chosen_object(options.object, scene), audio)
    except FacewrightError as error:
        report = inspection.failed(error)
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    return 0 if report["ok"] else 1
