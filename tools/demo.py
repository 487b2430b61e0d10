# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job from end to end: speech in; a .blend with a baked talking head, a film with sound, and curves out."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import bpy
import matplotlib.pyplot as plt
import numpy as np

import facewright
from facewright.inference import FacewrightError, Motion, animate, load_audio
from facewright.inference.formats import export
from facewright.inference.preview.render import render_preview
from facewright.models.espeak import speak

SENTENCE = "Hello! I am a face made by code, and this is my voice. Bring me your own, and I will speak with it."
SHOWN = (
    "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLowerDownLeft", "mouthUpperUpLeft", "mouthSmileLeft",
    "eyeBlinkLeft", "headPitch",
)  # fmt: skip


def main() -> int:
    """Make everything into one folder and say where it lies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--speech", type=Path, help="a sound file; by default a sentence is synthesised")
    parser.add_argument("--out", type=Path, default=Path("build/demo"), help="folder for the results")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    try:
        return demo(options.speech, options.out)
    except FacewrightError as error:
        sys.stderr.write(f"demo: {error}\n")
        return 1


def demo(speech: Path | None, out: Path) -> int:
    """Speech -> curves in files -> a baked head in a .blend -> a film."""
    begin = time.perf_counter()
    if speech is None:
        speech = out / "speech.wav"
        speak(SENTENCE, speech)
    say(begin, f"animating {speech}")
    motion = animate(load_audio(speech), seed=0)
    export(motion, out / "curves.csv")
    draw(motion, out / "curves.png")
    say(begin, "baking the built-in head in Blender")
    bake(speech, out / "talking_head.blend")
    say(begin, "rendering the film (about a second for each frame of a slow machine)")
    render_preview(motion, speech, out / "talking_head.mp4")
    say(begin, "done. Open these:")
    for name, what in (
        ("talking_head.mp4", "the film, with sound"),
        ("talking_head.blend", "the baked head: press play in Blender"),
        ("curves.png", "the curves under the sound"),
        ("curves.csv", "the same as Live Link Face CSV"),
    ):
        print(f"  {(out / name).resolve()}  {what}")
    return 0


def say(begin: float, what: str) -> None:
    """A line of progress with the seconds since the start."""
    print(f"[{time.perf_counter() - begin:5.1f} s] {what}", flush=True)


def bake(speech: Path, blend: Path) -> None:
    """What an artist does with the extension, as a script: add a head, generate, bake, save."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    facewright.register()
    bpy.ops.mesh.facewright_head()
    bpy.ops.facewright.generate(filepath=str(speech.resolve()), seed=0)
    bpy.ops.facewright.bake()
    bpy.context.scene.frame_end = round(
        max(action.frame_range[1] for action in bpy.data.actions)
    )  # the line, and no more
    bpy.ops.wm.save_as_mainfile(filepath=str(blend.resolve()), check_existing=False)
    facewright.unregister()


def draw(motion: Motion, path: Path) -> None:
    """Plot the curves that tell most, one above the other."""
    figure, axes = plt.subplots(len(SHOWN), 1, figsize=(11, 9), sharex=True, constrained_layout=True)
    for axis, name in zip(axes, SHOWN, strict=True):
        curve = motion.channel(name)
        axis.fill_between(motion.times, np.minimum(curve, 0), curve, alpha=0.25, color="#5e35b1", linewidth=0)
        axis.plot(motion.times, curve, color="#5e35b1", linewidth=1.2)
        axis.set_ylim(*((-0.25, 0.25) if name.startswith("head") else (0, 1)))
        axis.set_ylabel(name, rotation=0, ha="right", va="center", fontsize=9)
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel("seconds")
    figure.savefig(path, dpi=110)
    plt.close(figure)


if __name__ == "__main__":
    sys.exit(main())
