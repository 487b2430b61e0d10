# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows of real Blenders with the zip installed, and the built-in head in them."""

import shutil
import tempfile
import wave
from pathlib import Path

import pytest
from support.gui import INSTALLER, PICTURES
from support.window import Window


@pytest.fixture(scope="module", params=["blender-4.3", "blender-5.2"])
def window(request, extension_zip):
    """A window with the zip installed and enabled through Blender's command line."""
    for command in (request.param, "Xvfb", "xdotool", "import"):
        if not INSTALLER.exists() or shutil.which(command) is None:
            pytest.skip(f"needs {command}: run ../shared/tools/real-blender {request.param[-3:]}")
    folder = Path(tempfile.mkdtemp(prefix="facewright-", dir="/tmp"))
    window = Window(request.param, folder)
    try:
        window.install(extension_zip)
        window.open()
        yield window
        window.picture(PICTURES / window.command / "last.png")
    finally:
        window.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def head(window):
    """The built-in head, added with the button that the tab shows in an empty scene."""
    window.ask("bpy.ops.wm.read_homefile(use_empty=True)")
    window.show_tab("Facewright")
    window.click(window.find_button("mesh.facewright_head"))
    window.wait("any(obj.type == 'MESH' for obj in bpy.data.objects)")
    window.ask(
        "with bpy.context.temp_override(**view()):\n"
        "    bpy.ops.view3d.view_axis(type='FRONT')\n"
        "    bpy.ops.object.select_all(action='SELECT')\n"
        "    bpy.ops.view3d.view_selected()\n"
        "view()['space_data'].region_3d.view_perspective = 'ORTHO'\n"
        "view()['space_data'].overlay.show_overlays = False"
    )
    return window


@pytest.fixture(scope="session")
def long_wav(speech_wav, tmp_path_factory):
    """Five minutes of the sentence, so that there is time to look at the window while it generates."""
    path = tmp_path_factory.mktemp("long") / "long.wav"
    with wave.open(str(speech_wav)) as source, wave.open(str(path), "wb") as target:
        target.setparams(source.getparams())
        samples = source.readframes(source.getnframes())
        for _ in range(round(300 * source.getframerate() / source.getnframes())):
            target.writeframes(samples)
    return path
