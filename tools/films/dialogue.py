# SPDX-License-Identifier: GPL-3.0-or-later
"""Two heads that talk to each other and listen, as the guide page has them made: generated, given partners, baked."""

from __future__ import annotations

import wave
from pathlib import Path

import bpy
import numpy as np
from PIL import Image

import facewright
from facewright.inference import Motion
from facewright.inference.core.channels import CHANNELS
from facewright.inference.heads import builtin_head
from facewright.inference.preview.scene import build_stage
from facewright.models.espeak import speak

from . import heads, strip

FPS, SIZE, PAUSE, BREATH = 20, (560, 290), 0.3, 0.5  # s between lines, and within them
LINES = (
    ("Ann", "en-us+f3", ("Have you seen my blue umbrella?", "I put it by the door.")),
    ("Ben", "en-us", ("No, I haven't seen it.", "Maybe it is still on the bus, like the last one.")),
    ("Ann", "en-us+f3", ("Oh no. Not again!",)),
)
PLACES = {"Ann": (-0.16, 52, 66), "Ben": (0.16, -52, 36)}  # metres to the right, degrees of turn, seed


def dialogue(folder: Path, out: Path) -> None:
    """One speaks and the other listens, by turns."""
    folder = folder / "dialogue"
    folder.mkdir(parents=True, exist_ok=True)
    scene = _baked(folder)
    _lit(scene)
    pictures = []
    for frame in range(scene.frame_start, scene.frame_end + 1):
        path = folder / f"{frame:04d}.png"
        if not path.exists():
            scene.frame_set(frame)
            scene.render.filepath = str(path)
            bpy.ops.render.render(write_still=True)
        pictures.append(Image.open(path).convert("RGB"))
    facewright.unregister()
    strip.save(pictures, out / "dialogue.webp", FPS)


def _baked(folder: Path) -> bpy.types.Scene:
    """The shot with all of its keys."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    facewright.register()
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = FPS, 1.0
    roots = {}
    for name, (x, turned, seed) in PLACES.items():
        bpy.ops.mesh.facewright_head()
        root = bpy.context.object
        while root.parent is not None:
            root = root.parent
        root.name, root.location, root.rotation_euler = name, (x, 0, 0), (0, 0, np.radians(turned))
        root.facewright.listening_seed = seed
        roots[name] = root
    frame = 12.0
    for number, (name, voice, texts) in enumerate(LINES):
        sound = folder / f"{number}.wav"
        _say(texts, voice, sound)
        bpy.context.view_layer.objects.active = roots[name]
        bpy.ops.facewright.generate(filepath=str(sound), frame=frame, seed=number)
        with wave.open(str(sound)) as said:
            frame += round((said.getnframes() / said.getframerate() + PAUSE) * FPS)
    scene.frame_end = round(frame) + 8
    for name, other in (("Ann", "Ben"), ("Ben", "Ann")):
        roots[name].facewright.partner = roots[other]
    bpy.ops.facewright.bake_scene()
    return scene


def _say(texts: tuple[str, ...], voice: str, path: Path) -> None:
    """Several sentences as one sound, with a breath between them, in which who listens may nod."""
    parts = []
    for text in texts:
        speak(text, path, voice)
        with wave.open(str(path)) as said:
            parts.append(said.readframes(said.getnframes()))
            form = said.getparams()
    with wave.open(str(path), "wb") as file:
        file.setparams(form)
        file.writeframes(bytes(2 * round(BREATH * form.framerate)).join(parts))


def _lit(scene: bpy.types.Scene) -> None:
    """The stage of the preview, wide enough for two."""
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    heads.set_quick(scene)
    still = Motion(np.zeros((1, len(CHANNELS))), CHANNELS, FPS)
    bpy.data.objects.remove(build_stage(scene, builtin_head(), still))
    scene.camera.data.lens = 58
    scene.camera.location = (0.0, -0.92, 0.03)
    scene.camera.rotation_euler = (np.radians(90), 0, 0)
