# SPDX-License-Identifier: GPL-3.0-or-later
"""The heads of ``tools/proof.py`` in the window of an installed Blender, and how soon a slider shows on the largest.

``PYTHONPATH=tools blender --python-use-system-env --python tools/proof_window.py -- ../shared/data`` prints the figures
as JSON and ends. The extension must be installed and enabled. Needs nothing but what any Blender has.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import proof_measure as measure
from proof_heads import HEADS, build, load

ADDON = "bl_ext.user_default.facewright"
VOICE = "speech_demo/librivox_austen_0870.wav"


def prove(which: str, data: Path) -> dict[str, Any]:
    """Build a head, look before, generate, bake, and compare what is shown with where the take puts it."""
    names = ("addon.character.character", "addon.preflight.inspection", "addon.takes.store")
    character, inspection, takes = (import_module(f"{ADDON}.{name}") for name in names)
    closures, ends = (import_module(f"{ADDON}.inference.{name}") for name in ("lips.contacts", "takes.ends"))
    bpy.ops.wm.read_homefile(use_empty=True)
    head = load(which, data)
    with bpy.context.temp_override(**view()):
        root = build(head, armature=which == "mpfb")
        root.facewright.filepath = str(data / VOICE)
        who = character.find(bpy.context.view_layer.objects.active, bpy.context.scene)
        findings = [one.text for one in inspection.inspect(bpy.context.scene, who)]
        bpy.ops.facewright.generate(seed=0)
        take = ends.from_rest(takes.get(root).motion)
        bpy.ops.facewright.bake()
        look()
    frames = range(1, bpy.context.scene.frame_end, 7)
    points = measure.trajectory(head, frames)
    rate = bpy.context.scene.render.fps / bpy.context.scene.render.fps_base
    at = closures.shut_on_frames(take, (np.array(frames) - 1) / rate, 1 / rate)
    now = [dict(zip(take.channels, row.tolist(), strict=True)) for row in at]
    off = [np.abs(seen - measure.wanted(head, row)).max() for seen, row in zip(points, now, strict=True)]
    return {
        "blender": bpy.app.version_string,
        "recognised": who.convention,
        "findings": findings,
        "off_mm": round(1000 * float(max(off)), 4),
        "teeth_down_mm": round(1000 * float(measure.drop(head, points, "Lower Teeth").max()), 2),
    }


def slider_seconds(data: Path, runs: int = 12) -> dict[str, float]:
    """From a slider to the head of 26,719 vertices: seconds until its meshes are evaluated, and until it is drawn."""
    bpy.ops.wm.read_homefile(use_empty=True)
    root = build(load("ict", data))
    root.facewright.filepath = str(data / VOICE)
    with bpy.context.temp_override(**view()):
        bpy.ops.facewright.generate(seed=0)
        bpy.ops.facewright.mapping_match()
        look()
    bpy.context.scene.frame_set(20)
    line = next(line for line in root.facewright.mapping if line.target == "jawOpen")
    layer = bpy.context.view_layer

    def dragged(owner: Any, field: str, after: Any) -> dict[str, float]:
        taken, begun = [], time.process_time()
        for run in range(runs):
            begin = time.perf_counter()
            setattr(owner, field, 1.0 + 0.02 * (run + 1))
            after()
            taken.append(time.perf_counter() - begin)
        return {"wall": statistics.median(taken), "processor": (time.process_time() - begun) / runs}

    def draw() -> None:
        with bpy.context.temp_override(**view()):
            bpy.ops.wm.redraw_timer(type="DRAW", iterations=1)

    figures = {}
    for name, owner, field in (("Gain of a line", line, "gain"), ("Jaw", root.facewright, "slider_jaw")):
        for what, after in (("to the meshes", layer.update), ("to the window", draw)):
            for clock, seconds in dragged(owner, field, after).items():
                figures[f"{name}, {what}, {clock}"] = seconds
    begin = time.perf_counter()
    for _ in range(runs):
        draw()
    return {**figures, "the same window drawn with nothing changed, wall": (time.perf_counter() - begin) / runs}


def view() -> dict[str, Any]:
    """The context of the 3D viewport."""
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in area.regions if region.type == "WINDOW")
    return {"window": window, "screen": window.screen, "area": area, "region": region}


def look() -> None:
    """See the head from the front, in its colours, and nothing else."""
    space = view()["area"].spaces.active
    bpy.ops.object.select_all(action="SELECT")
    bpy.ops.view3d.view_axis(type="FRONT")
    bpy.ops.view3d.view_selected()
    bpy.ops.object.select_all(action="DESELECT")
    space.region_3d.view_perspective = "ORTHO"
    space.region_3d.view_distance *= 0.62
    space.overlay.show_overlays = False
    space.shading.color_type = "MATERIAL"


def main() -> None:
    """Print everything, once the window is there."""
    data = Path(sys.argv[sys.argv.index("--") + 1])
    for which in HEADS:
        print(json.dumps(prove(which, data)), flush=True)
    for what, seconds in slider_seconds(data).items():
        print(f"{what}: {1000 * seconds:.1f} ms", flush=True)
    bpy.ops.wm.quit_blender()


if __name__ == "__main__":
    bpy.app.timers.register(main, first_interval=1.0)
