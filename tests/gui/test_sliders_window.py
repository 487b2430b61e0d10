# SPDX-License-Identifier: GPL-3.0-or-later
"""A slider dragged with the mouse in a real window: the head follows at once, Ctrl Z takes it back, the bake is it."""

import json
import shutil

import pytest
from test_mapping_window import find, property_under_mouse
from test_windows import ADDON, PICTURES, head, window  # noqa: F401  the fixtures

ROOT = "bpy.data.objects['Facewright Head']"
JAW = "bpy.data.objects['Head Skin'].data.shape_keys.key_blocks['jawOpen'].value"
# The sidebar with nothing but the sliders, opened: other panels would push them out of sight.
ALONE = """
found = [getattr(bpy.types, name) for name in dir(bpy.types) if name.startswith('FACEWRIGHT_PT')]
for one in sorted(found, key=lambda panel: not getattr(panel, 'bl_parent_id', '')):
    bpy.utils.unregister_class(one)
panel = next(one for one in found if one.__name__ == 'FACEWRIGHT_PT_sliders')
panel.bl_idname, panel.bl_options = 'FACEWRIGHT_PT_sliders_alone', set()
bpy.utils.register_class(panel)
"""
OF = f"from importlib import import_module; of = lambda name: import_module('{ADDON}.' + name)"
EXPECTED = f"""
{OF}
root, scene = {ROOT}, bpy.context.scene
take = of('addon.takes').get(root)
dialled = of('inference.dialled')
motion = dialled.dialled(take.motion, dialled.Sliders({{'jaw': root.facewright.slider_jaw}}))
answer = float(motion.at([(scene.frame_current - take.speech.frame) / 24])[0][motion.channels.index('jawOpen')])
"""
TIMES = f"""
import statistics, time
own, taken, drawn = {ROOT}.facewright, [], []
for run in range(15):
    begin = time.perf_counter()
    own.slider_jaw = 1.0 + 0.02 * run
    bpy.context.view_layer.update()
    taken.append(time.perf_counter() - begin)
    bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1) if run < 3 else None
    drawn.append(time.perf_counter() - begin) if run < 3 else None
begin = time.perf_counter()
bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)
answer = dict(to_meshes=statistics.median(taken), drawn=min(drawn), drawing_alone=time.perf_counter() - begin)
"""


@pytest.fixture
def speaking(head, speech_wav):  # noqa: F811
    shutil.copy(speech_wav, head.folder / "speech.wav")
    head.ask(
        "with bpy.context.temp_override(**view()):\n"
        f"    bpy.ops.facewright.generate(filepath={str(head.folder / 'speech.wav')!r})\n"
        f"{OF}\n"
        f"jaw = of('addon.takes').get({ROOT}).motion.channel('jawOpen')\n"
        "bpy.context.scene.frame_set(1 + round(float(jaw.argmax()) / 50 * 24))\n"  # nothing holds the jaw there
        "with bpy.context.temp_override(**view()): bpy.ops.ed.undo_push(message='generated')",
        patience=180,
    )
    head.ask(ALONE)
    head.show_tab("Facewright")
    return head


def _drag(w, place):
    """Drag the slider of the jaw to the right; once more where a slow window missed the press."""
    x, y = place[0], place[1]
    steps = [part for dx in range(4, 44, 8) for part in ("mousemove", x + dx, y, "sleep", "0.2")]
    for _ in range(3):
        w.screen.run("xdotool", "mousemove", x - 2, y, "sleep", "0.5", "mousemove", x, y, "sleep", "0.5")
        y += 0 if "slider_jaw" in property_under_mouse(w) else -6
        w.screen.run(
            "xdotool", "mousemove", x, y, "sleep", "0.5", "mousedown", "1", "sleep", "0.5", *steps, "mouseup", "1"
        )
        w.ask("answer = len(ticks)")
        if w.ask(f"answer = {ROOT}.facewright.slider_jaw") != 1:
            return


def test_a_slider_is_dragged_and_the_head_follows(speaking):
    w = speaking
    before = w.ask(f"answer = {JAW}")
    _drag(w, find(w, lambda width: width // 2, lambda: property_under_mouse(w), "slider_jaw"))
    w.wait(f"{ROOT}.facewright.slider_jaw > 1.1")
    shown, expected = w.ask(f"answer = {JAW}"), w.ask(EXPECTED)
    assert shown == pytest.approx(expected, abs=1e-5) and shown > before + 0.005
    w.picture(PICTURES / w.command / "sliders.png")
    w.point_at_view()
    w.press("ctrl+z")
    w.wait(f"{ROOT}.facewright.slider_jaw == 1")
    assert w.ask(f"answer = {JAW}") == pytest.approx(before, abs=1e-6)
    w.press("ctrl+shift+z")
    w.wait(f"{ROOT}.facewright.slider_jaw > 1.1")
    assert w.ask(f"answer = {JAW}") == pytest.approx(shown, abs=1e-6)
    w.ask("with bpy.context.temp_override(**view()): bpy.ops.facewright.bake()")
    again = "scene = bpy.context.scene; scene.frame_set(scene.frame_current); "
    assert w.ask(f"{again}answer = {JAW}") == pytest.approx(shown, abs=1e-6)
    w.ask(f"{ROOT}.facewright.preview = True")
    figures = w.ask(TIMES)
    (PICTURES / w.command / "sliders.json").write_text(json.dumps(figures))
