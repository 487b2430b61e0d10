# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo by the keys of a keyboard in real windows: values and pictures are what they were at each step."""

import contextlib
import os
import shutil
import time

import numpy as np
import pytest
from support.gui import PICTURES, pixels, property_under_mouse, speak
from support.paths import ROOT as CHECKOUT
from support.window import SIZE

ROOT = "bpy.data.objects['Facewright Head']"
KEYS = "bpy.data.objects['Head Skin'].data.shape_keys.key_blocks"
# What there is: at once, and on some frames.
SEEN = f"""
def values(): return [round(one.value, 5) for keys in bpy.data.shape_keys for one in keys.key_blocks]
scene, root = bpy.context.scene, {ROOT}
now, frame, frames = values(), scene.frame_current, []
for one in (1, 30, 52):
    scene.frame_set(one)
    frames.append(values())
scene.frame_set(frame)
answer = [root.facewright.preview, root.facewright.take_index, len(root.facewright.takes), len(bpy.data.actions)]
answer += [now == values(), frames]
"""
DRAWN = ("own", "second-take", "baked", "first-take")  # steps whose pictures are compared
SEQUENCES = int(os.environ.get("FACEWRIGHT_SEQUENCES", "1"))


def presses(window, key):
    """Press a key of undo or redo, and wait until Blender has done it."""
    before = window.ask("answer = len(undone)")
    window.press(key)
    window.wait(f"len(undone) > {before}", patience=10)


def clicks(window, place, outcome):
    """Click until it is seen that something came of it: a slow window may miss a press of the mouse."""
    for _ in range(4):
        window.screen.run("xdotool", "mousemove", place[0] - 3, place[1], "sleep", "0.3")
        window.click(place)
        with contextlib.suppress(AssertionError):
            return window.wait(outcome, patience=6)
    return window.wait(outcome, patience=1)


def picture(window, name):
    """What the 3D view shows on a frame on which the mouth is open."""
    window.ask("bpy.context.scene.frame_set(52)")
    window.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")
    x, y, width, height = window.ask("r = view()['region']; answer = [r.x, r.y, r.width, r.height]")
    shown = pixels(window.picture(PICTURES / window.command / f"undo-{name}.png"))
    return shown[SIZE[1] - y - height + 100 : SIZE[1] - y - 100, x + 120 : x + width - 320]


def changed(one, other):
    """How many points of two pictures differ."""
    return int((np.abs(one - other).max(axis=2) > 0.08).sum())


def places(window):
    """Where to click: the first and the second take of the list, the switch of the preview, and Bake."""
    window.show_tab("Facewright")
    x, y, _, height = window.ask("r = view('UI')['region']; answer = [r.x, r.y, r.width, r.height]")
    window.click((x + 60, SIZE[1] - (y + height) + 15))  # close Character: the window is not tall
    window.show_tab("Facewright")
    found = {}
    for step in range(400, height, 9):  # other panels stand above it
        there = (x + 97, SIZE[1] - (y + height) + step)
        window.screen.run("xdotool", "mousemove", *there)
        found.setdefault(property_under_mouse(window), []).append(there)
        if "facewright.preview" in found:
            break
    takes, preview = found["facewright.take_index"], found["facewright.preview"][0]
    return takes[0], takes[-1], preview, window.find_button("facewright.bake", begin=preview[1])


def test_each_step_comes_back_with_its_values_and_its_picture(head, speech_wav):
    window, story = head, []
    window.ask(f"{ROOT}.facewright.take_count = 2")

    def notes(name):
        story.append((name, window.ask(SEEN), picture(window, name) if name in DRAWN else None))

    window.ask(
        f"{KEYS}['jawOpen'].value, {KEYS}['browInnerUp'].value = 0.25, 0.5\n"
        "with bpy.context.temp_override(**view()): bpy.ops.ed.undo_push(message='own values')"
    )
    notes("own")
    speak(window, speech_wav)
    window.wait(f"len({ROOT}.facewright.takes) == 2", patience=120)
    first, second, preview, bake = places(window)
    notes("generated")
    clicks(window, second, f"{ROOT}.facewright.take_index == 1")
    notes("second-take")
    clicks(window, preview, f"not {ROOT}.facewright.preview")
    notes("off")
    clicks(window, preview, f"{ROOT}.facewright.preview")
    notes("on")
    clicks(window, bake, "len(bpy.data.actions)")
    notes("baked")
    clicks(window, first, f"{ROOT}.facewright.take_index == 0")
    notes("first-take")
    clicks(window, second, f"{ROOT}.facewright.take_index == 1")
    notes("second-over-baked")
    window.ask("with bpy.context.temp_override(**view()): bpy.ops.facewright.unbake('EXEC_DEFAULT', True)")
    notes("unbaked")

    seen = {name: values for name, values, _ in story}
    pictures = {name: shown for name, _, shown in story}
    assert all(values[4] for values in seen.values()), "what is seen at once is what the frame has"
    assert [values[0] for values in seen.values()] == [False, True, True, False, True, False, True, True, False]
    assert seen["own"][5] == seen["off"][5] == seen["unbaked"][5]
    assert seen["second-take"][5] == seen["on"][5] == seen["second-over-baked"][5]
    assert seen["second-take"][5] != seen["generated"][5] == seen["first-take"][5]
    assert changed(pictures["own"], pictures["second-take"]) > 300
    assert changed(pictures["first-take"], pictures["baked"]) > 300
    assert changed(pictures["second-take"], pictures["baked"]) < 30

    window.point_at_view()
    back, forward = [(step, "ctrl+z") for step in story[-2::-1]], [(step, "ctrl+shift+z") for step in story[1:]]
    for (name, values, shown), key in back + forward:
        presses(window, key)
        found = window.ask(SEEN)
        assert found[:5] == values[:5], (key, name)
        np.testing.assert_allclose(found[5], values[5], atol=2e-5, err_msg=f"{key} {name}")
        if shown is not None and key == "ctrl+z":
            assert changed(picture(window, "again"), shown) < 30, name


# A small cast of two heads with two takes each, and the artist of support/undo_work.py at work on them.
CAST = """
import support.undo_work as work
from bl_ext.user_default.facewright.addon.blender import actions
def call(operator, **to):
    with bpy.context.temp_override(**view()):
        operator(**to)
for head in range(2):
    call(bpy.ops.mesh.facewright_head)
    call(bpy.ops.facewright.generate, filepath={sound!r}, seed=3 * head, count=2)
    call(bpy.ops.facewright.generate, filepath={sound!r}, seed=9, frame=40)
roots = [obj.name for obj in bpy.data.objects if len(obj.facewright.takes)]
work.artist = work.UndoWork(roots, {seed}, call, actions.fcurves_of, {path!r})
"""
ASK = "import support.undo_work as work; answer = work.artist."
PRESSED = {"goes_back": ("ctrl+z", -1), "goes_forward": ("ctrl+shift+z", 1)}


@pytest.mark.parametrize("seed", range(9, 9 + SEQUENCES))  # 9: undo of a preview while the scene stays on its frame
def test_random_work_with_undo_by_key_and_by_operator(window, speech_wav, seed):
    sound = str(shutil.copy(speech_wav, window.folder / "line.wav"))
    modules = window.folder / "support"  # seen from inside Blender
    modules.mkdir(exist_ok=True)
    for name in ("__init__.py", "history.py", "undo_work.py"):
        shutil.copy(CHECKOUT / "tests" / "support" / name, modules)
    window.ask("bpy.ops.wm.read_homefile(use_empty=True)")
    window.ask(CAST.format(sound=sound, seed=seed, path=str(window.folder / "shot.blend")), patience=180)
    end, by_key = time.monotonic() + 10, False
    try:
        while time.monotonic() < end:
            name = window.ask(f"{ASK}picks()")
            by_key = by_key != (name in PRESSED)  # every other time
            if name not in PRESSED or not by_key:
                window.ask(f"{ASK}does({name!r})", patience=120)
                continue
            key, steps = PRESSED[name]
            window.point_at_view()
            for _ in range(window.ask(f"{ASK}away({name!r})")):
                presses(window, key)
                window.ask(f"{ASK}has_moved({steps})")
    except AssertionError as error:
        error.add_note(f"after {window.ask(f'{ASK}done')}")
        raise
