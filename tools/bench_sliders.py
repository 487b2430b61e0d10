# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a slider takes to the viewport, for 30 s of speech on the built-in head; part of `bench`.

From a new value to the evaluated meshes of the new pose; processor time, for other work disturbs it less. What drawing
costs is the graphics card's and the same without facewright.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import bpy
import numpy as np

import facewright
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preview import preview
from facewright.addon.takes import analysis, store
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.audio import Audio
from facewright.inference.core.timing import MOTION_FPS
from facewright.inference.pipeline.stages import analyse, encode, finished, sample
from facewright.inference.policy.predictor import load_predictor
from facewright.models.espeak import speak

SECONDS = 30
RUNS = 12
DIALS = {
    "slider_jaw": 1.3, "slider_smoothing": 80.0, "slider_lead": 40.0, "slider_energy": 0.7, "emotion_joy": 0.6,
    "phone_M": 1.5,
}  # fmt: skip


def slider_seconds(folder: Path, sentence: str) -> dict[str, float]:
    """Median processor time by dial, seconds, each alone, and of one with all the others set as well."""
    facewright.register()
    try:
        root = _speaking_head(folder, sentence)
        taken = {field: _dragged(root, field, value) for field, value in DIALS.items()}
        for field, value in DIALS.items():
            setattr(root.facewright, field, value)
        taken["slider_jaw, the others set as well"] = _dragged(root, "slider_jaw", 1.8)
        return taken
    finally:
        facewright.unregister()


def _speaking_head(folder: Path, sentence: str) -> bpy.types.Object:
    """The built-in head with a take of `SECONDS`, its preview on."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.ops.mesh.facewright_head()
    scene = bpy.context.scene
    who = character.find(bpy.context.view_layer.objects.active, scene)
    speak(sentence, folder / "said.wav")
    audio = Audio(np.resize(load_audio(folder / "said.wav").samples, SECONDS * 16000))
    predictor = load_predictor(device="cpu")
    encoding = encode(predictor, audio)
    take = store.Take(
        finished(sample(predictor, encoding), encoding.phonemes, fps=MOTION_FPS),
        Speech(str(folder / "said.wav")),
        0,
        "CPU",
    )
    store.store(who.root, take)
    analysis.remember(who.root, take, analyse(encoding, audio))
    preview.start(scene, who, store.get(who.root))
    scene.frame_set(40)
    return who.root


def _dragged(root: bpy.types.Object, field: str, value: float) -> float:
    settings, neutral, taken = root.facewright, getattr(root.facewright, field), []
    for run in range(RUNS):
        begin = time.process_time()
        setattr(settings, field, neutral + (value - neutral) * (run + 1) / RUNS)
        bpy.context.view_layer.update()
        taken.append(time.process_time() - begin)
    setattr(settings, field, settings.bl_rna.properties[field].default)
    return statistics.median(taken)
