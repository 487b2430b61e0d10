# SPDX-License-Identifier: GPL-3.0-or-later
"""The zip in windows of real Blenders, worked by mouse and keyboard; pictures and figures go to build/gui.

Needs the commands blender-4.3 and blender-5.2, which ../shared/tools/real-blender installs, and Xvfb, xdotool and
ImageMagick. Those Blenders see /tmp, so the windows' homes are made there.
"""

import json
import shutil

import numpy as np
import pytest
from support.gui import ADDON, COMMANDS, PICTURES, opened, pixels, speak
from support.window import SIZE

STRIPS = "getattr(e, 'strips_all', None) or getattr(e, 'sequences_all', ())"
SOUNDS = f"[s.name for e in [bpy.context.scene.sequence_editor] if e for s in {STRIPS}]"
LONGEST_GAP = "import numpy; answer = float(numpy.diff(ticks[{}:{}]).max())"
# How often the 3D view and the sidebar are drawn while something is made, and how often the loop had turned by its end.
WATCH = f"""
from importlib import import_module
running = import_module('{ADDON}.addon.ui.waiting').ActiveJob
seen = bpy.app.driver_namespace['seen'] = {{'WINDOW': 0, 'UI': 0}}
def count(kind):
    seen[kind] += running.job is not None
view3d = bpy.types.SpaceView3D
handles = [(view3d.draw_handler_add(count, (kind,), kind, 'POST_PIXEL'), kind) for kind in ('WINDOW', 'UI')]
end = running.end
def ended(context):
    seen['turns'], running.end = len(ticks), end
    for handle in handles:
        view3d.draw_handler_remove(*handle)
    end(context)
running.end = ended
"""


@pytest.fixture(scope="module", params=COMMANDS)
def window(request, extension_zip):
    """A window in which nothing was done before."""
    yield from opened(request.param, extension_zip)


def test_the_model_is_loaded_once_the_tab_is_seen(head):
    worker = f"__import__('importlib').import_module('{ADDON}.addon.worker.process')"
    head.wait(f"{worker}.provider()", patience=60)
    assert head.ask(f"answer = {worker}.is_running()")


def test_two_buttons_make_the_head_speak(head, speech_wav):
    window = head
    pictures = PICTURES / window.command
    speak(window, speech_wav)
    window.wait(SOUNDS, patience=120)
    window.picture(pictures / "generated.png")

    window.click(window.find_button("facewright.bake"))
    window.wait("len(bpy.data.actions)")
    jaw = window.ask(
        "skin = max((o for o in bpy.data.objects if o.type == 'MESH'), key=lambda o: len(o.data.vertices))\n"
        "answer = []\n"
        "for frame in range(1, round(max(a.frame_range[1] for a in bpy.data.actions)) + 1):\n"
        "    bpy.context.scene.frame_set(frame)\n"
        "    answer.append(skin.data.shape_keys.key_blocks['jawOpen'].value)"
    )
    assert max(jaw) - min(jaw) > 0.1
    shown = {}
    for name, frame in (("mouth-closed", int(np.argmin(jaw)) + 1), ("mouth-open", int(np.argmax(jaw)) + 1)):
        window.ask(f"bpy.context.scene.frame_set({frame})")
        window.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")
        shown[name] = pixels(window.picture(pictures / f"{name}.png"))
        assert len(np.unique((shown[name] * 255).astype(np.uint8).reshape(-1, 3), axis=0)) > 200  # not blank
    x, y, width, height = window.ask("r = view()['region']; answer = [r.x, r.y, r.width, r.height]")
    rows, columns = slice(SIZE[1] - y - height, SIZE[1] - y), slice(x, x + width)
    difference = np.abs(shown["mouth-open"][rows, columns] - shown["mouth-closed"][rows, columns]).max(axis=2)
    assert (difference > 0.1).sum() > 300

    window.point_at_view()
    window.press("ctrl+z")
    window.wait("not bpy.data.actions")  # one undo takes the whole bake back
    assert window.ask("import addon_utils; answer = addon_utils._extensions_warnings_get()") == {}


def test_space_plays_the_take_before_it_is_baked(head, speech_wav):
    window = head
    speak(window, speech_wav)
    window.wait(SOUNDS, patience=120)
    window.point_at_view()
    window.press("space")
    now = (
        "skin = max((o for o in bpy.data.objects if o.type == 'MESH'), key=lambda o: len(o.data.vertices))\n"
        "answer = [bpy.context.scene.frame_current, skin.data.shape_keys.key_blocks['jawOpen'].value]"
    )
    window.wait("bpy.context.scene.frame_current > 30")
    seen = [window.ask(now) for _ in range(40) if not window.screen.run("sleep", "0.05").returncode]
    window.press("Escape")
    window.wait("not bpy.context.screen.is_animation_playing")
    frames, jaws = zip(*seen, strict=True)
    assert len(set(frames)) > 5
    assert max(jaws) - min(jaws) > 0.05


def test_the_window_lives_while_it_generates(head, long_wav):
    window = head
    window.ask(WATCH)
    before = speak(window, long_wav, "long.wav")
    window.wait(SOUNDS, patience=120)
    shown = window.ask("answer = len(ticks)")
    seen = window.ask("answer = bpy.app.driver_namespace['seen']")
    ended = seen["turns"]
    figures = {
        "turns of the event loop while it generated": ended - before,
        "longest time between two, from the click until the take is placed, seconds": window.ask(
            LONGEST_GAP.format(before, ended + 1)
        ),
        "longest while the take was first drawn, seconds": window.ask(LONGEST_GAP.format(ended, shown)),
        "the 3D view was drawn meanwhile, times": seen["WINDOW"],
        "the sidebar was drawn meanwhile, times": seen["UI"],
        "drawing the whole window once, seconds": window.ask(
            "import time; begin = time.perf_counter(); bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=5)\n"
            "answer = (time.perf_counter() - begin) / 5"
        ),
    }
    path = PICTURES / window.command / "event-loop.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1))
    assert ended - before > 50
    assert seen["UI"] > 5  # its progress
    assert seen["WINDOW"] <= 1  # drawing the head takes longer than all the rest


def test_escape_ends_it_and_the_next_one_works(head, long_wav, speech_wav):
    window = head
    speak(window, long_wav, "long.wav")
    window.picture(PICTURES / window.command / "generating.png")
    window.point_at_view()
    window.press("Escape")
    window.find_button("facewright.generate")  # the progress bar is a button again
    assert window.ask(f"answer = {SOUNDS}") == []
    speak(window, speech_wav)
    window.wait(SOUNDS, patience=120)


def test_disabling_in_a_window_leaves_nothing_running(head, speech_wav):
    window = head
    speak(window, speech_wav)
    window.wait(SOUNDS, patience=120)
    children = (
        "from pathlib import Path\n"
        "answer = [c for task in Path('/proc/self/task').glob('*/children') for c in task.read_text().split()]"
    )
    assert window.ask(children)
    window.ask(f"bpy.ops.preferences.addon_disable(module={ADDON!r})")
    assert window.ask(children) == []
    assert window.ask(f"import sys; answer = [m for m in sys.modules if m.startswith({ADDON + '.'!r})]") == []
    assert window.ask("import addon_utils; answer = addon_utils._extensions_warnings_get()") == {}
    window.ask(f"bpy.ops.preferences.addon_enable(module={ADDON!r})")


def test_the_batch_command_bakes_and_saves(head, speech_wav):
    window = head
    shot = window.folder / "shot.blend"
    window.ask(f"bpy.ops.wm.save_as_mainfile(filepath={str(shot)!r}, copy=True)")
    sound = shutil.copy(speech_wav, window.folder / "line.wav")
    said = window.run("-b", shot, "--command", "facewright", "bake", "--audio", sound, "--save")
    actions = window.ask(
        f"with bpy.data.libraries.load({str(shot)!r}) as (there, here): answer = list(there.actions)",
    )
    assert actions, said


def test_capture_runs_in_the_background_and_esc_ends_it(head):
    program, film = head.folder / "python", head.folder / "clip.mp4"
    program.write_text("#!/bin/sh\nexec sleep 100\n")  # a Python that never answers
    program.chmod(0o755)
    film.write_bytes(b"")
    addon = f"__import__('importlib').import_module('{ADDON}.addon')"
    head.ask(f"bpy.context.preferences.addons['{ADDON}'].preferences.capture_python = {str(program)!r}")
    head.ask(
        "with bpy.context.temp_override(**view()):\n"
        f"    bpy.ops.facewright.capture('INVOKE_DEFAULT', filepath={str(film)!r})"
    )
    assert head.ask(f"answer = type({addon}.ui.waiting.ActiveJob.job).__name__") == "CaptureJob"
    before = head.ask("answer = len(ticks)")
    head.wait(f"len(ticks) > {before + 5}")  # the window's own loop turns meanwhile
    head.show_tab("Facewright")
    head.picture(PICTURES / head.command / "capture.png")
    head.point_at_view()
    head.press("Escape")
    head.wait(f"{addon}.ui.waiting.ActiveJob.job is None and not {addon}.worker.capture_process.running()")
