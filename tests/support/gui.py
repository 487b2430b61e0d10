# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests in windows do in many places: speak, look for a button, read a picture."""

import shutil
import tempfile
from pathlib import Path

import matplotlib.image
import pytest

from support.paths import ROOT
from support.window import SIZE, Window

PICTURES = ROOT / "build" / "gui"


INSTALLER = ROOT.parent / "shared" / "tools" / "real-blender"


ADDON = "bl_ext.user_default.facewright"


# The sidebar with nothing but one panel, opened: other panels would push it out of sight.
ALONE = """
found = [getattr(bpy.types, name) for name in dir(bpy.types) if name.startswith('FACEWRIGHT_PT')]
above = {{panel.__name__: getattr(panel, 'bl_parent_id', '') for panel in found}}
depth = lambda name: 1 + depth(above[name]) if name else 0
found.sort(key=lambda panel: depth(panel.__name__))
for one in reversed(found):
    bpy.utils.unregister_class(one)
panel = next(one for one in found if one.__name__ == 'FACEWRIGHT_PT_{0}')
bpy.app.driver_namespace['panels'] = panel, dict(vars(panel)), found
panel.bl_idname, panel.bl_options = 'FACEWRIGHT_PT_{0}_alone', set()
if hasattr(panel, 'bl_parent_id'):
    del panel.bl_parent_id
bpy.utils.register_class(panel)
"""
BACK = """
panel, before, found = bpy.app.driver_namespace['panels']
bpy.utils.unregister_class(panel)
for name in ('bl_idname', 'bl_options', 'bl_parent_id'):
    if name in before:
        setattr(panel, name, before[name])
for one in found:
    bpy.utils.register_class(one)
"""


COMMANDS = ["blender-4.3", "blender-5.2"]


def opened(command, extension_zip):
    """A window with the zip installed and enabled through Blender's command line, until it is let go."""
    for needed in (command, "Xvfb", "xdotool", "import"):
        if not INSTALLER.exists() or shutil.which(needed) is None:
            pytest.skip(f"needs {needed}: run ../shared/tools/real-blender {command[-3:]}")
    folder = Path(tempfile.mkdtemp(prefix="facewright-", dir="/tmp"))
    window = Window(command, folder)
    try:
        window.install(extension_zip)
        window.open()
        yield window
        window.picture(PICTURES / window.command / "last.png")
    finally:
        window.close()
        shutil.rmtree(folder, ignore_errors=True)


def speak(window, sound, name="speech.wav"):
    """Choose a sound for the character and click Generate; returns how often the event loop had turned by then."""
    visible = window.folder / name
    shutil.copy(sound, visible)
    window.ask(
        "root = bpy.context.view_layer.objects.active\n"
        "while root.parent:\n"
        "    root = root.parent\n"
        f"root.facewright.filepath = {str(visible)!r}"
    )
    window.show_tab("Facewright")
    button = window.find_button("facewright.generate")
    before = window.ask("answer = len(ticks)")
    window.click(button)
    return before


def pixels(path):
    return matplotlib.image.imread(path)[:, :, :3]


def find(window, column, seen, wanted):
    """Screen position in a column of the sidebar where what is seen under the mouse tells of what is wanted."""
    x, y, width, height = window.ask("r = view('UI')['region']; answer = [r.x, r.y, r.width, r.height]")
    for step in range(12, height, 9):
        place = (x + column(width), SIZE[1] - (y + height) + step)
        window.screen.run("xdotool", "mousemove", *place)
        if wanted in seen():
            return place
    raise AssertionError(f"no {wanted} in the sidebar")


def property_under_mouse(window):
    """Data path of the button under the mouse."""
    window.ask("answer = len(ticks)")  # a turn of the loop, in which the move is seen
    return window.ask(
        "bpy.context.window_manager.clipboard = ''\n"
        "with bpy.context.temp_override(**view('UI')):\n"
        "    if bpy.ops.ui.copy_data_path_button.poll(): bpy.ops.ui.copy_data_path_button()\n"
        "answer = bpy.context.window_manager.clipboard"
    )
