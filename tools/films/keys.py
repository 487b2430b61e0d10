# SPDX-License-Identifier: GPL-3.0-or-later
"""One curve of a baked head: a key on every frame, few keys, a key moved by hand, and a new bake that keeps it.

Every curve and key is what the operators left in the Action; only the drawing is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import bpy
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import facewright
from facewright.addon.blender.actions import fcurves_of

from . import heads, strip

SIZE = (680, 330)
SHAPE = "jawOpen"
DENSE, FEW = {"keys": "DENSE", "interpolation": "LINEAR"}, {"keys": "SPARSE", "interpolation": "BEZIER", "error": 0.02}
HELD, BETWEEN = 1900, 60  # ms that a stage stands, and that each step between two takes
STEPS = 12


@dataclass(frozen=True)
class Stage:
    """What is drawn: a curve, its keys, and which of them is the artist's."""

    text: str
    frames: np.ndarray
    curve: np.ndarray
    keys: np.ndarray  # (K, 6): frame and value of the key, of its left and of its right handle
    own: int | None = None


def keys(folder: Path, out: Path) -> None:
    """The four stages, with the key moving and the curve changing between them."""
    stages = _stages(heads.spoken(folder))
    pictures, times = [], []
    for before, stage in zip([None, *stages], stages, strict=False):
        for step in range(1, STEPS) if before is not None and len(before.keys) == len(stage.keys) else ():
            pictures.append(_drawn(_between(before, stage, step / STEPS), before))
            times.append(BETWEEN)
        pictures.append(_drawn(stage, before))
        times.append(HELD)
    strip.save(pictures, out / "keys.webp", times)


def _stages(sound: Path) -> list[Stage]:
    bpy.ops.wm.read_factory_settings(use_empty=True)
    facewright.register()
    bpy.context.scene.render.fps = 24
    bpy.ops.mesh.facewright_head()
    root = bpy.data.objects["Facewright Head"]
    bpy.ops.facewright.generate(filepath=str(sound.resolve()), seed=3)
    bpy.ops.facewright.bake(**DENSE)
    dense = _stage("A key on every frame: {} keys")
    bpy.ops.facewright.unbake()
    bpy.ops.facewright.bake(**FEW)
    few = _stage("Few keys, Bezier: {} keys")
    own = _raise(_curve(), few)
    moved = _stage("You move a key", own)
    root.facewright.slider_jaw = 1.5
    bpy.ops.facewright.bake(**FEW)
    frame = moved.keys[own, 0]
    again = _stage("Jaw at 1.5, baked again: your key is still there")
    found = int(np.abs(again.keys[:, 0] - frame).argmin())
    assert abs(again.keys[found, 1] - moved.keys[own, 1]) < 1e-5, "the key of the artist is kept"
    facewright.unregister()
    return [dense, few, moved, Stage(again.text, again.frames, again.curve, again.keys, found)]


def _curve() -> bpy.types.FCurve:
    block = bpy.data.objects["Head Skin"].data.shape_keys
    return next(curve for curve in fcurves_of(block) if curve.data_path == f'key_blocks["{SHAPE}"].value')


def _stage(text: str, own: int | None = None) -> Stage:
    curve = _curve()
    points = [(*key.co, *key.handle_left, *key.handle_right) for key in curve.keyframe_points]
    frames = np.linspace(points[0][0], points[-1][0], 600)
    values = np.array([curve.evaluate(frame) for frame in frames])
    return Stage(text.format(len(points)), frames, values, np.array(points), own)


def _raise(curve: bpy.types.FCurve, stage: Stage) -> int:
    """Move one key in the middle up, as an artist would; returns which."""
    middle = len(stage.keys) // 2
    own = middle + int(stage.keys[middle : middle + 4, 1].argmax())
    key = curve.keyframe_points[own]
    rise = 0.16
    key.co.y += rise
    key.handle_left.y += rise
    key.handle_right.y += rise
    curve.update()
    return own


def _between(before: Stage, stage: Stage, part: float) -> Stage:
    part = part * part * (3 - 2 * part)
    mixed = before.keys + part * (stage.keys - before.keys)
    return Stage(stage.text, stage.frames, before.curve + part * (stage.curve - before.curve), mixed, stage.own)


def _drawn(stage: Stage, before: Stage | None) -> Image.Image:
    figure, axis = plt.subplots(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100)
    figure.set_facecolor(strip.PAPER)
    axis.set_facecolor("#1d2026")
    figure.subplots_adjust(left=0.06, right=0.985, top=0.97, bottom=0.09)
    if before is not None:
        axis.plot(before.frames, before.curve, color="#4a4458", linewidth=1.2)
    axis.plot(stage.frames, stage.curve, color=strip.ACCENT, linewidth=1.8)
    if len(stage.keys) < 40:
        for frame, value, *handles in stage.keys:
            axis.plot([handles[0], frame, handles[2]], [handles[1], value, handles[3]], color="#7e7692", linewidth=0.9)
    axis.plot(stage.keys[:, 0], stage.keys[:, 1], "o", color="#f4f0ff", markersize=4)
    if stage.own is not None:
        axis.plot(*stage.keys[stage.own, :2], "o", color="#ff8a65", markersize=8)
    axis.set(xlim=(stage.frames[0] - 0.5, stage.frames[-1] + 0.5), ylim=(-0.03, 0.58))
    axis.tick_params(colors="#7e7692", labelsize=8, length=0)
    axis.grid(color="#2b2f37", linewidth=0.6)
    axis.spines[:].set_visible(False)
    axis.set_title(SHAPE, loc="left", y=0.9, x=0.012, fontsize=9, color="#7e7692")
    figure.canvas.draw()
    picture = Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])
    plt.close(figure)
    return strip.captioned(picture, stage.text, 17)
