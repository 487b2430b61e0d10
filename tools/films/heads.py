# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in head, rendered speaking: one line, its takes, its styles, its emotions.

The voice is espeak's, so nothing of anybody is in the pictures. Cycles on the processor, as `facewright preview`: about
a second for each frame of a slow machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import bpy
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from facewright.inference import Motion
from facewright.inference.cli.main import main as facewright
from facewright.inference.formats import read_curves
from facewright.inference.heads import builtin_head
from facewright.inference.heads.model import FaceModel
from facewright.inference.preview.scene import build_stage
from facewright.models.espeak import speak

from . import strip

ROOT = Path(__file__).resolve().parents[2]
FPS = 20
TALKING = ("--seed", "3")
LINE = "Hello! Please remember my blue umbrella."
CURVES = {"jawOpen": "jaw", "mouthClose": "lips closing", "mouthPucker": "rounding", "browInnerUp": "brows"}
UPPER = {"browInnerUp": "brows", "eyeBlinkLeft": "blinks", "headPitch": "head"}


def talking(folder: Path, out: Path) -> None:
    """One line, and the curves that move the face."""
    motion = animated(folder, *TALKING)
    heads = rendered(motion, folder / "talking", size=(300, 320))
    plots = drawn_curves(motion, size=(300, 320))
    strip.save([strip.beside(pair) for pair in zip(heads, plots, strict=True)], out / "talking.webp", FPS)


def takes(folder: Path, out: Path) -> None:
    """Three seeds of one line: the same words, other blinks, eyes and heads, a little enlarged to be seen so small."""
    larger = ("--slider", "head=1.4")
    named = {f"Seed {seed}": ("--seed", str(seed), *larger) for seed in (3, 7, 18)}
    _side_by_side(named, folder, out / "takes.webp", curves=UPPER)


def styles(folder: Path, out: Path) -> None:
    """One line in three styles, near the mouth."""
    named = {name.capitalize(): ("--style", name) for name in ("mumbled", "neutral", "cartoon")}
    _side_by_side(named, folder, out / "styles.webp", zoom=2.4)


def emotions(folder: Path, out: Path) -> None:
    """One line in three moods."""
    named = {name.capitalize(): ("--emotion", f"{name}=0.9") for name in ("joy", "anger", "sadness")}
    _side_by_side(named, folder, out / "emotions.webp")


def _side_by_side(
    named: dict[str, Sequence[str]],
    folder: Path,
    path: Path,
    curves: dict[str, str] | None = None,
    zoom: float = 1.0,
) -> None:
    columns = []
    for label, arguments in named.items():
        motion = animated(folder, *arguments)
        column = rendered(motion, folder / f"{path.stem} {label}", (230, 260 if zoom == 1 else 200), zoom)
        if curves:
            plots = drawn_curves(motion, (230, 120), curves)
            column = [strip.above(pair, gap=0) for pair in zip(column, plots, strict=True)]
        columns.append([strip.captioned(picture, label) for picture in column])
    strip.save([strip.beside(row) for row in zip(*columns, strict=True)], path, FPS)


@cache
def spoken(folder: Path, line: str = LINE) -> Path:
    """The line as a sound file."""
    path = folder / "line.wav"
    speak(line, path)
    return path


def animated(folder: Path, *arguments: str) -> Motion:
    """The line as the command line animates it with these arguments."""
    curves = folder / "curves.npz"
    status = facewright(["animate", str(spoken(folder)), "-o", str(curves), "--fps", str(FPS), "--quiet", *arguments])
    if status:
        raise SystemExit(status)
    return read_curves(curves)


def rendered(
    motion: Motion, folder: Path, size: tuple[int, int], zoom: float = 1.0, head: FaceModel | None = None
) -> list[Image.Image]:
    """A picture of the built-in head for each frame of a motion at `FPS`; those in `folder` are not made again.

    With a zoom above 1 the camera looks at the mouth.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    scene.render.resolution_x, scene.render.resolution_y = size
    set_quick(scene)
    build_stage(scene, head or builtin_head(), motion)
    if zoom > 1:
        scene.camera.data.lens *= zoom
        scene.camera.data.shift_y = -0.2 * zoom
    pictures = []
    for frame in range(1, motion.frames + 1):
        path = folder / f"{frame:04d}.png"
        if not path.exists():
            scene.frame_set(frame)
            scene.render.filepath = str(path)
            bpy.ops.render.render(write_still=True)
        pictures.append(Image.open(path).convert("RGB"))
    return pictures


def set_quick(scene: bpy.types.Scene) -> None:
    """Let Cycles be as quick as it can on a processor, with clean pictures."""
    scene.view_settings.view_transform = "Standard"
    scene.render.engine, cycles = "CYCLES", scene.cycles
    cycles.device, cycles.samples, cycles.use_adaptive_sampling = "CPU", 3, False
    cycles.use_denoising, cycles.denoiser, cycles.denoising_quality = True, "OPENIMAGEDENOISE", "FAST"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "NONE"
    cycles.max_bounces, cycles.use_light_tree = 0, False
    scene.render.use_persistent_data = True


def drawn_curves(motion: Motion, size: tuple[int, int], curves: dict[str, str] = CURVES) -> list[Image.Image]:
    """Curves of some channels, with their labels, drawn up to each frame."""
    figure, axes = plt.subplots(len(curves), 1, figsize=(size[0] / 100, size[1] / 100), dpi=100, sharex=True)
    figure.set_facecolor(strip.PAPER)
    figure.subplots_adjust(left=0.05, right=0.97, top=1 - 18 / size[1], bottom=0.04, hspace=0.6)
    lines, cursors = [], []
    for axis, (channel, label) in zip(axes, curves.items(), strict=True):
        curve = motion.channel(channel)
        axis.set_facecolor(strip.PAPER)
        axis.set_title(label, loc="left", fontsize=10 if size[1] > 200 else 8, color=strip.INK, pad=2)
        axis.plot(motion.times, curve, color="#4a4458", linewidth=1.2)
        lines += axis.plot([], [], color=strip.ACCENT, linewidth=2)
        cursors.append(axis.axvline(0, color="#ff8a65", linewidth=1.2))
        low, high = min(0.0, float(curve.min())), float(curve.max())
        spread = max(high - low, 0.25 if low == 0 else 0.0)  # a weight that hardly moves should look so
        axis.set(xlim=(0, motion.end), ylim=(low - 0.1 * spread, low + 1.15 * spread), xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    pictures = []
    for frame in range(motion.frames):
        until = slice(0, frame + 1)
        for line, cursor, channel in zip(lines, cursors, curves, strict=True):
            line.set_data(motion.times[until], motion.channel(channel)[until])
            cursor.set_xdata([motion.times[frame]] * 2)
        figure.canvas.draw()
        pictures.append(Image.fromarray(np.asarray(figure.canvas.buffer_rgba())[..., :3]))
    plt.close(figure)
    return pictures
