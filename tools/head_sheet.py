# SPDX-License-Identifier: GPL-3.0-or-later
"""Render the built-in head and its shapes into docs/pictures/reference: ``python tools/head_sheet.py [--only WORD]``.

Needs the extras `preview` (bpy) and `dev` (matplotlib). Takes about three minutes on two cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import bpy
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from mathutils import Vector
from PIL import Image

from facewright.inference.core.channels import ARKIT, HEAD, VISEMES
from facewright.inference.core.motion import Motion
from facewright.inference.heads import builtin_head
from facewright.inference.preview.scene import build_stage

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures" / "reference"
# Where the camera stands seen from the head, what it looks at, and how much it sees, metres.
WHOLE = {"front": (0, -1, 0.03), "three-quarter": (0.7, -1, 0.08), "side": (1, 0, 0.02)}
FACE = ((0.22, -1, 0.05), (0, -0.06, -0.033), 0.185)
MOUTH = ((0.3, -1, 0.06), (0, -0.085, -0.070), 0.085)


def main() -> None:
    """Render every picture, or those whose name holds a word."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    only = parser.parse_args().only
    head = _stage()
    views = [(name, {}, (place, (0, -0.004, -0.028), 0.335)) for name, place in WHOLE.items()]
    sheets = {
        "head.png": (views, 3, 340),
        "head-arkit.jpg": ([(name, {name: 1.0}, FACE) for name in ARKIT], 9, 150),
        "head-visemes.jpg": ([(name, {name: 1.0}, MOUTH) for name in VISEMES], 5, 220),
    }
    for name, (tiles, columns, size) in sheets.items():
        if only in name:
            _sheet(head, tiles, columns, size, PICTURES / name)


def _stage() -> bpy.types.Object:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.view_settings.view_transform = "Standard"
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 16, True
    scene.render.use_persistent_data = True
    head = build_stage(scene, builtin_head(), Motion(np.zeros((1, len(HEAD)), np.float32), HEAD, 25.0))
    head.animation_data_clear()
    head.data.shape_keys.animation_data_clear()
    return head


def _sheet(head: bpy.types.Object, tiles: list, columns: int, size: int, path: Path) -> None:
    rows = -(-len(tiles) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(columns * size / 100, rows * (size + 16) / 100), dpi=100)
    for axis in np.ravel(axes):
        axis.axis("off")
    with TemporaryDirectory() as folder:
        for axis, (name, weights, view) in zip(np.ravel(axes), tiles, strict=False):
            axis.imshow(_render(head, weights, view, size, Path(folder) / f"{name}.png"))
            axis.set_title(name, fontsize=8, pad=2, color="#555555")
    figure.subplots_adjust(left=0, right=1, bottom=0, top=1 - 16 / (rows * (size + 16)), wspace=0.02, hspace=0.09)
    figure.canvas.draw()
    Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3]).save(path, optimize=True, quality=88)
    plt.close(figure)
    print(path)


def _render(head: bpy.types.Object, weights: dict[str, float], view: tuple, size: int, path: Path) -> np.ndarray:
    scene, (place, target, span) = bpy.context.scene, view
    for key in head.data.shape_keys.key_blocks[1:]:
        key.value = weights.get(key.name, 0.0)
    towards = Vector(place).normalized()
    lens = scene.camera.data
    scene.camera.location = Vector(target) + towards * (span * lens.lens / lens.sensor_width)
    scene.camera.rotation_euler = (-towards).to_track_quat("-Z", "Y").to_euler()
    scene.render.resolution_x = scene.render.resolution_y = size
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
    return plt.imread(path)


if __name__ == "__main__":
    main()
