# SPDX-License-Identifier: GPL-3.0-or-later
"""Render ARKit shapes on the FLAME-like head of the tests into docs/pictures/guide: ``python tools/flame_sheet.py``.

Nothing of the real FLAME is in the picture. Needs what `head_sheet.py` needs.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import bpy
import numpy as np
from head_sheet import PICTURES, _sheet

from facewright.inference.core.channels import HEAD
from facewright.inference.core.motion import Motion
from facewright.inference.flame.face import flame_face
from facewright.inference.flame.model import FlameModel
from facewright.inference.preview.scene import build_stage
from facewright.tests.support.flame_pickles import flame_2020

VIEW = ((0.3, -1, 0.05), (0, -0.06, 0.005), 0.20)
TILES = (
    "neutral", "jawOpen", "jawOpen mouthClose", "eyeBlinkLeft eyeBlinkRight", "mouthSmileLeft mouthSmileRight",
    "mouthPucker", "mouthFunnel", "mouthUpperUpLeft", "mouthRollLower mouthRollUpper", "jawLeft", "browInnerUp",
    "eyeLookOutLeft eyeLookInRight",
)  # fmt: skip


def main() -> None:
    """Render the picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flame.pkl"
        path.write_bytes(flame_2020())
        model = flame_face(FlameModel.load(path)).face_model()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.view_settings.view_transform = "Standard"
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 12, True
    scene.render.use_persistent_data = True
    head = build_stage(scene, model, Motion(np.zeros((1, len(HEAD)), np.float32), HEAD, 25.0))
    head.animation_data_clear()
    head.data.shape_keys.animation_data_clear()
    tiles = [(name.replace(" ", " + "), dict.fromkeys(name.split(), 1.0), VIEW) for name in TILES]
    _sheet(head, tiles, 6, 200, PICTURES.parent / "guide" / "flame.jpg")


if __name__ == "__main__":
    main()
