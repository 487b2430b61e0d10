# SPDX-License-Identifier: GPL-3.0-or-later
"""Two takes at once, compared side by side and mixed, clicked in real windows."""

import numpy as np
from support.gui import PICTURES, pixels, speak

ROOT = "bpy.data.objects['Facewright Head']"
TAKES = f"len({ROOT}.facewright.takes)"
DOUBLES = "len([obj for obj in bpy.data.objects if 'facewright_double_of' in obj])"


def test_generate_two_takes_compare_and_end(head, speech_wav):
    window = head
    pictures = PICTURES / window.command
    window.ask(f"{ROOT}.facewright.take_count = 2")
    speak(window, speech_wav)
    window.wait(f"{TAKES} == 2", patience=120)
    window.show_tab("Facewright")
    window.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")
    before = pixels(window.picture(pictures / "takes.png"))
    x, y, width, height = window.ask("r = view('UI')['region']; answer = [r.x, r.y, r.width, r.height]")
    strips = before[-y - height :, x : x + width]
    blue = (np.abs(strips - (0.36, 0.66, 0.86)).max(axis=2) < 0.08).sum()
    assert blue > 100  # brows, drawn in the list

    window.ask(
        "with bpy.context.temp_override(**view()): bpy.ops.facewright.take_compare('EXEC_DEFAULT', True, index=1)"
    )
    assert window.ask(f"answer = {DOUBLES}") == 1
    window.show_tab("Facewright")
    button = window.find_button("facewright.take_compare_end")
    window.picture(pictures / "compared.png")
    window.click(button)
    window.wait(f"{DOUBLES} == 0")
    window.point_at_view()
    window.press("ctrl+z")
    window.wait(f"{DOUBLES} == 1")
    window.press("ctrl+z")
    window.wait(f"{DOUBLES} == 0")
