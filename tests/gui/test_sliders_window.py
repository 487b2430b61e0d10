# SPDX-License-Identifier: GPL-3.0-or-later
"""A slider dragged with the mouse in a real window: the head follows at once, Ctrl Z takes it back, the bake is it."""

import json
import shutil
import statistics
import time

import pytest
from support.gui import ADDON, ALONE, BACK, PICTURES, find, property_under_mouse

ROOT = "bpy.data.objects['Facewright Head']"
JAW = "bpy.data.objects['Head Skin'].data.shape_keys.key_blocks['jawOpen'].value"
# Sum of the heights of the skin's vertices as evaluated: less where the jaw is open.
HEIGHTS = """
import numpy
mesh = bpy.data.objects['Head Skin'].evaluated_get(bpy.context.evaluated_depsgraph_get()).data
points = numpy.empty(3 * len(mesh.vertices), numpy.float32)
mesh.vertices.foreach_get('co', points)
answer = float(points[2::3].sum(dtype=float))
"""
OF = f"from importlib import import_module; of = lambda name: import_module('{ADDON}.' + name)"
EXPECTED = f"""
{OF}
root, scene = {ROOT}, bpy.context.scene
take = of('addon.takes.store').get(root)
adjusting = of('inference.adjust.adjustments')
motion = adjusting.adjust(take.motion, adjusting.Adjustments({{'jaw': root.facewright.slider_jaw}}))
answer = float(motion.at([(scene.frame_current - take.speech.frame) / 24])[0][motion.channels.index('jawOpen')])
"""
# When a value was set, the meshes were evaluated and the view was drawn, by the clock that the test reads, too.
CLOCK = f"""
{OF}
import time
preview, seen = of('addon.preview.preview'), bpy.app.driver_namespace.setdefault('seen', {{}})
note = lambda name: seen.setdefault(name, time.monotonic())
renew = preview.refresh
def refresh(scene, root):
    note('event')
    renew(scene, root)
    note('set')
preview.refresh = refresh
bpy.app.handlers.depsgraph_update_post.append(lambda *_: 'set' in seen and note('meshes'))
bpy.types.SpaceView3D.draw_handler_add(lambda: 'meshes' in seen and note('drawn'), (), 'WINDOW', 'POST_PIXEL')
"""


@pytest.fixture
def speaking(head, speech_wav):
    """The built-in head where its jaw is open the most, with a take that is shown."""
    shutil.copy(speech_wav, head.folder / "speech.wav")
    head.ask(
        "with bpy.context.temp_override(**view()):\n"
        f"    bpy.ops.facewright.generate(filepath={str(head.folder / 'speech.wav')!r})\n"
        f"{OF}\n"
        f"jaw = of('addon.takes.store').get({ROOT}).motion.channel('jawOpen')\n"
        "bpy.context.scene.frame_set(1 + round(float(jaw.argmax()) / 50 * 24))\n"  # nothing holds the jaw there
        "with bpy.context.temp_override(**view()): bpy.ops.ed.undo_push(message='generated')",
        patience=180,
    )
    yield head
    head.ask(BACK)


def _alone(w, panel):
    w.ask(ALONE.format(panel))
    w.show_tab("Facewright")


def _drag(w, place, name):
    """Drag a slider to the right; once more where a slow window missed the press."""
    x, y = place[0], place[1]
    steps = [part for dx in range(4, 44, 8) for part in ("mousemove", x + dx, y, "sleep", "0.2")]
    for _ in range(3):
        w.screen.run("xdotool", "mousemove", x - 2, y, "sleep", "0.5", "mousemove", x, y, "sleep", "0.5")
        y += 0 if name in property_under_mouse(w) else -6
        w.screen.run(
            "xdotool", "mousemove", x, y, "sleep", "0.5", "mousedown", "1", "sleep", "0.5", *steps, "mouseup", "1"
        )
        w.ask("answer = len(ticks)")
        if w.ask(f"answer = {ROOT}.facewright.{name}") != 1:
            return


def _timed(w, place, moves=9):
    """Median seconds from a move of the mouse that holds a slider to what it brought about; moves may get lost."""
    x, y = place
    w.ask(CLOCK)
    w.screen.run("xdotool", "mousemove", x - 2, y, "sleep", "0.5", "mousemove", x, y, "sleep", "1", "mousedown", "1")
    w.screen.run("xdotool", "sleep", "0.7", "mousemove_relative", "--", "8", "0", "sleep", "2")
    taken = []
    for move in range(moves):
        w.ask("bpy.app.driver_namespace['seen'].clear()")
        w.screen.run("xdotool", "mousemove_relative", "--", "-3" if move % 2 else "3", "0")
        moved, seen = time.monotonic(), {}
        while "drawn" not in seen and time.monotonic() < moved + 5:
            seen = w.ask("answer = bpy.app.driver_namespace['seen']")
        if "drawn" in seen:
            taken.append([seen[name] - moved for name in ("event", "set", "meshes", "drawn")])
    w.screen.run("xdotool", "mouseup", "1")
    medians = map(statistics.median, zip(*taken, strict=True))
    return {"moves": len(taken), **dict(zip(("event", "set", "meshes", "drawn"), medians, strict=False))}


def test_a_slider_is_dragged_and_the_head_follows(speaking):
    w = speaking
    _alone(w, "sliders")
    before, heights = w.ask(f"answer = {JAW}"), w.ask(HEIGHTS)
    place = find(w, lambda width: width // 2, lambda: property_under_mouse(w), "slider_jaw")
    _drag(w, place, "slider_jaw")
    w.wait(f"{ROOT}.facewright.slider_jaw > 1.1")
    shown, expected = w.ask(f"answer = {JAW}"), w.ask(EXPECTED)
    assert shown == pytest.approx(expected, abs=1e-5) and shown > before + 0.005
    assert w.ask(HEIGHTS) < heights - 0.001, "the mesh itself opens its mouth"
    w.picture(PICTURES / w.command / "sliders.png")
    w.point_at_view()
    w.press("ctrl+z")
    w.wait(f"{ROOT}.facewright.slider_jaw == 1")
    assert w.ask(f"answer = {JAW}") == pytest.approx(before, abs=1e-6)
    assert w.ask(HEIGHTS) == pytest.approx(heights, abs=1e-5)
    w.press("ctrl+shift+z")
    w.wait(f"{ROOT}.facewright.slider_jaw > 1.1")
    assert w.ask(f"answer = {JAW}") == pytest.approx(shown, abs=1e-6)
    w.ask("with bpy.context.temp_override(**view()): bpy.ops.facewright.bake()")
    again = "scene = bpy.context.scene; scene.frame_set(scene.frame_current); "
    assert w.ask(f"{again}answer = {JAW}") == pytest.approx(shown, abs=1e-6)
    w.ask(f"{ROOT}.facewright.preview = True; {ROOT}.facewright.slider_jaw = 1.2")
    (PICTURES / w.command / "sliders.json").write_text(json.dumps(_timed(w, place)))


def test_m_b_and_p_are_pressed_harder_in_one_drag(speaking):
    w = speaking
    _alone(w, "phones")
    _drag(w, find(w, lambda width: width // 2, lambda: property_under_mouse(w), "group_0"), "group_0")
    gains = w.ask(f"answer = [getattr({ROOT}.facewright, 'phone_' + phone) for phone in 'MBP']")
    assert gains[0] == gains[1] == gains[2] > 1.1
    w.picture(PICTURES / w.command / "phones.png")
    w.ask("bpy.context.window_manager.facewright_phone_order = 'OFTEN'")
    w.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")
    w.ask("view('UI')['region'].tag_redraw()")
    counts = w.ask(
        f"{OF}\nroot = {ROOT}\nanswer = of('addon.takes.analysis').counts(root, of('addon.takes.store').get(root))"
    )
    find(w, lambda width: width // 2, lambda: property_under_mouse(w), "facewright.phone_")
    phone = property_under_mouse(w).rpartition("phone_")[2]
    assert counts[phone] == max(counts.values()), phone
    w.ask("bpy.context.window_manager.facewright_phone_order = 'GROUP'")
