# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight, few keys and Unbake, clicked in real windows."""

from support.gui import PICTURES, speak
from support.window import SIZE

SKIN = "bpy.data.objects['Head Skin'].data.shape_keys"


def test_mend_bake_few_keys_and_unbake(head, speech_wav):
    window = head
    pictures = PICTURES / window.command
    speak(window, speech_wav)
    window.wait("bpy.data.objects['Facewright Head'].facewright.preview", patience=120)
    window.ask(f"{SKIN}.key_blocks['jawOpen'].mute = True")
    window.show_tab("Facewright")
    button = window.find_button("facewright.mend")
    window.picture(pictures / "preflight.png")
    window.click(button)
    window.wait(f"not {SKIN}.key_blocks['jawOpen'].mute")

    window.ask("s = bpy.context.scene.facewright_bake; s.keys = 'SPARSE'; s.interpolation = 'BEZIER'")
    window.show_tab("Facewright")
    window.click(window.find_button("facewright.bake"))
    window.wait("len(bpy.data.actions)")
    counts = window.ask(
        "import bl_ext.user_default.facewright.addon.blender.actions as k\n"
        f"answer = [(len(c.keyframe_points), c.keyframe_points[0].interpolation) for c in k.fcurves_of({SKIN})]"
    )
    length = window.ask("answer = round(bpy.data.actions[0].frame_range[1])")
    assert len(counts) == 52
    assert sum(count for count, _ in counts) < 52 * length / 3
    assert {interpolation for _, interpolation in counts} == {"BEZIER"}
    window.show_tab("Facewright")
    x, y, _, height = window.ask("r = view('UI')['region']; answer = [r.x, r.y, r.width, r.height]")
    window.click((x + 60, SIZE[1] - (y + height) + 15))  # close Character: the window is not tall
    button = window.find_button("facewright.unbake")
    window.picture(pictures / "baked-few.png")
    window.click(button)
    window.wait("not len(bpy.data.actions)")
    assert window.ask(f"answer = {SKIN}.animation_data is None")
