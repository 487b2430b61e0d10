# SPDX-License-Identifier: GPL-3.0-or-later
"""ICT-FaceKit and the MPFB head in real windows: recognised, nothing wrong, generated, baked, parts where they belong.

How soon a slider shows is what tools/proof_window.py prints.
"""

import json
import shutil

import pytest
from support.flame_pickles import flame_2020
from support.gui import PICTURES
from support.paths import ROOT

RUN = "import proof_window; from pathlib import Path\nanswer = proof_window.{}"


@pytest.fixture
def proof(window, shared):
    """A function that runs one of tools/proof_window.py in the window."""
    data = window.folder / "data"
    if not data.exists():
        for name in ("proof_window.py", "proof_heads.py", "proof_measure.py"):
            shutil.copy(ROOT / "tools" / name, window.folder)
        (data / "speech_demo").mkdir(parents=True)
        for name in (*(path.name for path in shared.glob("head_*.npz")), "speech_demo/librivox_austen_0870.wav"):
            shutil.copy(shared / name, data / name)
    return lambda call: window.ask(RUN.format(call.format(f"Path({str(data)!r})")), patience=180)


@pytest.mark.parametrize("which", ["ict", "mpfb"])
def test_every_part_of_it_speaks(window, proof, which):
    said = proof(f"prove({which!r}, {{}})")
    pictures = PICTURES / window.command
    for name, frame in (("open", 23), ("closed", 10)):
        window.ask(f"bpy.context.scene.frame_set({frame})")
        window.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")
        window.picture(pictures / f"proof-{which}-{name}.png")
    assert ("ICT-FaceKit" if which == "ict" else "MPFB") in said["recognised"]
    assert said["findings"] == []
    assert said["off_mm"] < 0.1
    assert said["teeth_down_mm"] > 3
    (pictures / f"proof-{which}.json").write_text(json.dumps(said, indent=1))


def test_a_flame_head_speaks(window, speech_wav):
    """A file of full size in FLAME's layout: imported, generated, baked; the pictures are there to be looked at."""
    (window.folder / "flame.pkl").write_bytes(flame_2020())
    shutil.copy(speech_wav, window.folder / "speech.wav")
    jaws = window.ask(
        "bpy.ops.wm.read_homefile(use_empty=True)\n"
        "with bpy.context.temp_override(**view()):\n"
        f"    bpy.ops.mesh.facewright_flame_head(filepath={str(window.folder / 'flame.pkl')!r})\n"
        f"    bpy.ops.facewright.generate(filepath={str(window.folder / 'speech.wav')!r}, seed=0)\n"
        "    bpy.ops.facewright.bake()\n"
        "    bpy.ops.view3d.view_axis(type='FRONT')\n"
        "    bpy.ops.view3d.view_selected()\n"
        "view()['space_data'].region_3d.view_perspective = 'ORTHO'\n"
        "view()['space_data'].overlay.show_overlays = False\n"
        "keys = bpy.data.objects['FLAME Face'].data.shape_keys.key_blocks\n"
        "answer = []\n"
        "for frame in range(1, bpy.context.scene.frame_end):\n"
        "    bpy.context.scene.frame_set(frame)\n"
        "    answer.append(keys['jawOpen'].value - keys['mouthClose'].value)",
        patience=180,
    )
    assert max(jaws) - min(jaws) > 0.1
    for name, frame in (("open", jaws.index(max(jaws)) + 1), ("closed", 1)):
        window.ask(f"bpy.context.scene.frame_set({frame})")
        window.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")
        window.picture(PICTURES / window.command / f"flame-{name}.png")
