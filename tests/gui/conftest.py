# SPDX-License-Identifier: GPL-3.0-or-later
"""Windows of real Blenders with the zip installed, and the built-in head in them."""

import wave

import pytest
from support.gui import COMMANDS, opened


@pytest.fixture(scope="session", params=COMMANDS)
def window(request, extension_zip):
    """One window of each Blender for all tests: each begins with a new file."""
    yield from opened(request.param, extension_zip)


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
