# SPDX-License-Identifier: GPL-3.0-or-later
"""``bake``: one sound for one character, generated and baked."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy

from ..bake import bake
from ..character import character
from ..preflight import inspection
from ..ui.takes import generate
from . import options as shared


def add(commands: Any) -> None:
    """Add the command with its options."""
    baking = commands.add_parser("bake", help="generate from speech and bake to keyframes")
    baking.add_argument("--audio", required=True, metavar="FILE", help="the speech")
    baking.add_argument("--object", metavar="NAME", help="any object of the character; default: the active one")
    baking.add_argument(
        "--frame", type=float, help="scene frame at which the sound begins; default: the character's own"
    )
    baking.add_argument("--seed", type=int, help="default: the character's own")
    shared.add_saving(baking)
    shared.add_mode(baking)


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Generate, bake and save; returns the report."""
    goal = shared.goal_of(options)
    scene = bpy.context.scene
    obj = chosen_object(options.object, scene)
    mode = shared.mode_of(options, scene)
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
    shared.save(goal)
    return {"file": str(goal), "text": f"{generated}\n{report}", "seed": request.seed, **asdict(report)} | {
        "preflight": [asdict(one) for one in findings]
    }


def chosen_object(name: str | None, scene: bpy.types.Scene) -> bpy.types.Object | None:
    """The object with a name; without one the active object, or the root of the only character."""
    if name is not None:
        return shared.object_of(name, scene)
    return bpy.context.view_layer.objects.active or _only_character(scene)


def _only_character(scene: bpy.types.Scene) -> bpy.types.Object | None:
    """The root of the only character of a scene; None when there are several, or none."""
    roots = {character.family_root(o) for o in scene.objects if getattr(o.data, "shape_keys", None)}
    return roots.pop() if len(roots) == 1 else None
