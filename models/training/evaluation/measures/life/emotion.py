# SPDX-License-Identifier: GPL-3.0-or-later
"""Acted emotions: does the face of an excited voice go farther than a calm one's. Nothing is learned from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
import soxr

from facewright.inference.core.audio import RATE
from facewright.inference.core.timing import MOTION_FPS
from facewright.inference.prosody.prosody import prosody
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures import liveliness
from facewright.models.training.evaluation.figures.liveliness import reach
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 16, False
NEEDS = ("speech_demo",)

CALM, EXCITED = "neutral", ("anger", "joy")
COLUMNS = (
    Column("effort", ".2f", "of the voice, in deviations of people who read (`prosody.effort`)"),
    Column("jawOpen, 95th percentile", ".3f", "of the frames of the clip"),
    Column("over neutral", ".2f", "the same over that of the speaker's neutral clip"),
    Column("brows' range over neutral", ".2f", "3rd to 97th percentile of the brows' height in 6 s, in the same way"),
)


def measure(bench: Bench) -> Table:
    """Every acted clip, and the mean of the angry and joyful ones."""
    rows, excited = [], []
    clips = sorted((bench.recordings.data / "speech_demo").glob("nvidia_*.flac"))
    made = {clip.stem.removeprefix("nvidia_"): _figures(bench, clip) for clip in clips if "_sec" not in clip.stem}
    for name, (effort, jaw, brows) in made.items():
        calm = made[f"{name.split('_')[0]}_{CALM}"]
        values = effort, jaw, jaw / calm[1], brows / calm[2]
        rows.append(Row(name.replace("_", " "), values))
        if name.split("_")[1] in EXCITED:
            excited.append(values)
    rows.append(Row("angry and joyful, mean", tuple(map(float, np.mean(excited, axis=0)))))
    return Table("Acted emotions", COLUMNS, tuple(rows), "Two speakers; two of the clips are Mandarin.")


def _figures(bench: Bench, clip: Path) -> tuple[float, float, float]:
    samples, rate = soundfile.read(clip, dtype="float32", always_2d=True)
    sound = soxr.resample(samples.mean(axis=1), rate, RATE)
    motion = bench.animate(sound)
    brows = liveliness.made(bench.recordings.head, motion).brows
    effort = float(prosody(sound, MOTION_FPS).effort.mean())
    return effort, float(np.percentile(motion.channel("jawOpen"), 95)), reach(brows, motion.fps)
