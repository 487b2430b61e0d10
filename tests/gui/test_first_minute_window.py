# SPDX-License-Identifier: GPL-3.0-or-later
"""From a new file and the open tab to a moving, baked mouth in five clicks, with Bake in sight and its keys seen."""

import shutil

import numpy as np
import pytest
from support.gui import PICTURES
from support.window import SIZE

SKIN = "bpy.data.objects['Head Skin']"
BROWSER = (
    "areas = [area for one in bpy.context.window_manager.windows for area in one.screen.areas]\n"
    "browser = next(area for area in areas if area.type == 'FILE_BROWSER')\n"
)


class Counted:
    """The clicks of a mouse in a window, counted."""

    def __init__(self, window):
        self.window, self.clicks = window, 0

    def __call__(self, place):
        self.window.click(place)
        self.clicks += 1


@pytest.fixture
def new_file(window):
    """What Blender begins with (a cube, a camera, a light), the tab open, and a sound in the user's folder."""
    window.ask("bpy.context.preferences.view.filebrowser_display_type = 'SCREEN'\nbpy.ops.wm.read_homefile()")
    window.ask("bpy.context.scene.frame_start = 5")
    window.show_tab("Facewright")
    return window


def region_of_browser(window, kind):
    return window.ask(
        f"{BROWSER}r = next(r for r in browser.regions if r.type == {kind!r})\nanswer = [r.x, r.y, r.width, r.height]"
    )


def test_five_clicks_to_a_moving_baked_mouth(new_file, speech_wav):
    window, click = new_file, Counted(new_file)
    pictures = PICTURES / window.command
    shutil.copy(speech_wav, window.home / "speech.wav")
    (window.home / "notes.txt").write_text("no sound")

    click(window.find_button("mesh.facewright_head"))
    window.wait("'Head Skin' in bpy.data.objects")
    window.show_tab("Facewright")
    window.picture(pictures / "minute-head.png")
    assert window.ask(
        "from mathutils import Vector\n"
        "def places(obj): return [(obj.matrix_world @ Vector(c)).x for c in obj.bound_box]\n"
        "head = [o for o in bpy.data.objects['Facewright Head'].children_recursive if o.type == 'MESH']\n"
        "answer = min(min(places(o)) for o in head) > max(places(bpy.data.objects['Cube']))"
    )
    middle = window.ask(
        "m = view()['space_data'].region_3d.perspective_matrix\n"
        f"p = m @ {SKIN}.matrix_world.translation.to_4d()\nanswer = [p.x / p.w, p.y / p.w]"
    )
    assert max(map(abs, middle)) < 0.5  # the view has come to it

    click(window.find_button("facewright.generate"))  # there is no sound yet, so it asks for one
    window.wait("any(a.type == 'FILE_BROWSER' for w in bpy.context.window_manager.windows for a in w.screen.areas)")
    assert window.ask(f"{BROWSER}p = browser.spaces.active.params\nanswer = p.use_filter and p.use_filter_sound")
    x, y, width, height = region_of_browser(window, "WINDOW")
    window.picture(pictures / "minute-browser.png")
    click((x + 80, SIZE[1] - (y + height) + 40))  # the first row, below the names of the columns
    assert window.ask(f"{BROWSER}answer = browser.spaces.active.params.filename") == "speech.wav"
    x, y, width, height = region_of_browser(window, "EXECUTE")
    click((x + width - 70, SIZE[1] - (y + height // 2)))

    window.wait("bpy.data.objects['Facewright Head'].facewright.preview", patience=120)
    assert window.ask("answer = bpy.data.objects['Facewright Head'].facewright.lines[0].frame") == 5
    window.show_tab("Facewright")
    button = window.find_button("facewright.bake")  # without scrolling
    window.picture(pictures / "minute-generated.png")
    click(button)
    window.wait("len(bpy.data.actions)")
    assert click.clicks == 5
    jaw = window.ask(
        "answer = []\n"
        "for frame in range(5, 100):\n"
        "    bpy.context.scene.frame_set(frame)\n"
        f"    answer.append({SKIN}.data.shape_keys.key_blocks['jawOpen'].value)"
    )
    assert np.ptp(jaw) > 0.1
    assert window.ask(
        f"answer = {SKIN}.select_get() and bpy.context.view_layer.objects.active.data.shape_keys is not None"
    )
    window.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")
    window.picture(pictures / "minute-baked.png")
