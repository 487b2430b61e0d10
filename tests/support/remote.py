# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs inside a windowed Blender: does what the test asks through files, and notes when the event loop turns.

The test writes ask.py, which sets `answer`; this writes answer.json. While a modal operator runs, the window's event
loop must go on turning: `ticks` are the moments at which it did, in seconds. `undone` grows with each undo and redo.
"""

import json
import sys
import time
import traceback
from pathlib import Path

import bpy

FOLDER = Path(sys.argv[-1])
ticks, undone = [], []


def tick():
    ticks.append(time.perf_counter())
    question = FOLDER / "ask.py"
    if question.exists():
        source = question.read_text(encoding="utf-8")
        question.unlink()
        names = {"bpy": bpy, "ticks": ticks, "undone": undone, "view": view, "answer": None}
        try:
            exec(compile(source, "ask.py", "exec"), names)
            reply = {"answer": names["answer"]}
        except Exception:
            reply = {"error": traceback.format_exc()}
        partial = FOLDER / "answer.part"
        partial.write_text(json.dumps(reply), encoding="utf-8")
        partial.replace(FOLDER / "answer.json")
    return 0.002


def view(kind="WINDOW"):
    """Context of the 3D viewport, for temp_override: `kind` is the region, as "UI" for the sidebar."""
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    region = next(region for region in area.regions if region.type == kind)
    return {"window": window, "screen": window.screen, "area": area, "region": region, "space_data": area.spaces.active}


@bpy.app.handlers.persistent
def note(*_):
    undone.append(time.perf_counter())


bpy.app.handlers.undo_post.append(note)
bpy.app.handlers.redo_post.append(note)
bpy.context.preferences.view.show_splash = False
bpy.context.preferences.system.viewport_aa = "OFF"  # eight redraws after each change, slow without a graphics card
bpy.app.timers.register(tick, first_interval=0.5, persistent=True)
