# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the guide page *A dialogue*, done word for word in real windows: its keys, clicks and fields."""

import re
import shutil

import numpy as np
import pytest
from support import gui
from support.gui import PICTURES
from support.paths import ROOT
from support.window import SIZE

PAGE = ROOT / "docs" / "guide" / "dialogue.md"
STEP = re.compile(r"^\d+\. (.*(?:\n   .*)*)", re.MULTILINE)
# What a step asks for: a `key`, or `words` to type, a **button**, a **field** and what it is set to, a head to click.
ASKED = re.compile(
    r"type `(?P<words>[^`]+)`|`(?P<key>[^`]+)`|\*\*(?P<name>[^*]+)\*\*|"
    r"Click the (?P<head>left|right) head|Open \*(?P<open>\w+)\*"
)
KEYS = {"Shift A": "shift+a", "Enter": "Return", "Space": "space", "Home": "Home", "Numpad 1": "KP_1"}
BUTTONS = {"Generate": "facewright.generate", "Bake Scene": "facewright.bake_scene"}
FIELDS = {"Sound": "", "Starts At": "begins", "Start Frame": "frame", "Partner": "partner"}
PANELS = {"Dialogue": "dialogue", "Scene": "cast"}
HEADS = {"left": "Facewright Head", "right": "Facewright Head.001"}
# Where on the screen a head is, from the left and from above.
PLACE = """
from bpy_extras.view3d_utils import location_3d_to_region_2d
seen = view()
root = bpy.data.objects[{0!r}]
spot = location_3d_to_region_2d(seen['region'], seen['space_data'].region_3d, root.matrix_world.translation)
answer = [seen['region'].x + spot.x, {1} - seen['region'].y - spot.y]
"""
CURVES = """
import bl_ext.user_default.facewright.addon.blender.actions as actions
answer = {{}}
for root in {0!r}:
    meshes = [one for one in bpy.data.objects[root].children_recursive if one.type == 'MESH']
    skin = max(meshes, key=lambda one: len(one.data.vertices))
    curves = {{c.data_path: c for c in actions.fcurves_of(skin.data.shape_keys)}}
    answer[root] = {{name: [curves[f'key_blocks["{{name}}"].value'].evaluate(frame) for frame in range(1, 231)]
                    for name in ('jawOpen', 'eyeLookInLeft', 'eyeLookOutLeft')}}
"""


class Reader:
    """Does what the steps of the page ask for."""

    def __init__(self, window, sounds):
        self.window, self.sounds, self.field, self.opened = window, list(sounds), "", ""

    def do(self, asked):
        kind = asked.lastgroup
        getattr(self, kind)(asked[kind])

    def key(self, key):
        if self.field:
            self.fill(key)
        elif key == "N":
            self.window.show_tab("Facewright")
        else:
            self.window.point_at_view()
            self.window.press(KEYS.get(key, key.lower()))
            self.settle()

    def words(self, words):
        self.window.screen.run("xdotool", "type", "--delay", "60", words)
        self.settle()

    def head(self, side):
        self.close()
        self.window.click([round(number) for number in self.window.ask(PLACE.format(HEADS[side], SIZE[1]))])
        self.settle()
        assert self.root() == HEADS[side]

    def open(self, panel):
        self.close()
        self.window.ask(gui.ALONE.format(PANELS[panel]))
        self.window.show_tab("Facewright")
        self.opened = panel

    def name(self, name):
        if name in BUTTONS:
            self.press_button(BUTTONS[name])
            return
        self.field = FIELDS[name]
        self.window.show_tab("Facewright")
        if name == "Sound":
            sound = self.window.folder / self.sounds[0].name
            shutil.copy(self.sounds.pop(0), sound)
            self.window.find_button("facewright.sound_choose")
            self.window.ask(f"bpy.ops.facewright.sound_choose(filepath={str(sound)!r})")
            self.field = ""

    def fill(self, value):
        """Give the field that was named a value; that it can be reached is seen under the mouse."""
        wanted = self.field
        if wanted == "partner" and not self.opened:
            self.open("Dialogue")
        gui.find(self.window, lambda width: width // 2, lambda: gui.property_under_mouse(self.window), wanted)
        written = {"partner": f"bpy.data.objects[{value!r}]", "frame": value, "begins": repr(value.upper())}[wanted]
        self.window.ask(f"bpy.data.objects[{self.root()!r}].facewright.{wanted} = {written}")
        self.field = ""

    def press_button(self, operator):
        self.window.show_tab("Facewright")
        self.window.click(self.window.find_button(operator))
        if operator == "facewright.generate":
            self.window.wait(f"len(bpy.data.objects[{self.root()!r}].facewright.takes) == 1", patience=180)
        else:
            self.window.wait("len(bpy.data.actions) >= 2", patience=180)

    def close(self):
        if self.opened:
            self.window.ask(gui.BACK)
            self.opened = ""

    def root(self):
        return self.window.ask(
            "root = bpy.context.view_layer.objects.active\n"
            "while root.parent:\n"
            "    root = root.parent\n"
            "answer = root.name"
        )

    def settle(self):
        self.window.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")


@pytest.fixture
def sounds(spoken, tmp_path):
    """Two voices."""
    from facewright.models.espeak import speak

    other = tmp_path / "answer.wav"
    speak("Oh, really? I would rather have a big umbrella, but thank you very much.", other)
    return spoken, other


def test_the_steps_of_the_page_make_two_who_talk_and_listen(window, sounds):
    window.ask("bpy.ops.wm.read_homefile(use_factory_startup=False)")
    window.ask("bpy.context.scene.render.fps = 24")
    reader = Reader(window, sounds)
    steps = STEP.findall(PAGE.read_text(encoding="utf-8"))
    assert len(steps) == 9
    for number, step in enumerate(steps, 1):
        for asked in ASKED.finditer(step):
            reader.do(asked)
        window.picture(PICTURES / window.command / f"dialogue-{number}.png")
    reader.close()
    assert not reader.sounds
    found = window.ask(CURVES.format(list(HEADS.values())))
    first, second = (found[name] for name in HEADS.values())
    jaws = np.array([first["jawOpen"], second["jawOpen"]])
    assert jaws[1, 10:90].max() < 1e-3 < 0.1 < jaws[0, 10:90].max()  # the first speaks, the second listens
    assert jaws[0, 130:190].max() < 1e-3 < 0.1 < jaws[1, 130:190].max()
    for one, way in ((first, "Out"), (second, "In")):  # each looks to the other
        assert np.median(one[f"eyeLook{way}Left"]) > 0.3
