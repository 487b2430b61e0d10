# SPDX-License-Identifier: GPL-3.0-or-later
"""Capture from video against tracked landmarks: lip opening, mouth width and jaw of the solved weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facewright.inference.capture.builtin import marked_builtin_head, uncalibrated
from facewright.inference.core.channels import LIVE_LINK
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.capturing import Captured, captured
from facewright.models.training.evaluation.figures.signals import correlation
from facewright.models.training.evaluation.recordings import Clip
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.heads import distances

ORDER, PEER = 120, False
NEEDS = ("grid_unseen_dev",)

_R = "video captured, weights on a head, its distances against those of the tracked landmarks, mean of the clips' r"
COLUMNS = (
    Column("r of lip opening", ".4f", f"{_R}; ICT head"),
    Column("r of mouth width", ".4f", f"{_R}; ICT head"),
    Column("r of jaw", ".4f", f"{_R}; ICT head"),
    Column("size of lip opening", ".2f", "deviation captured over tracked, ICT head, mean of the clips"),
    Column("r of lip opening, built-in head", ".4f", f"{_R}; built-in head as it is"),
    Column("r of mouth width, built-in head", ".4f", f"{_R}; built-in head as it is"),
    Column("r of lip opening, as solved", ".4f", f"{_R}; built-in head as the solver has it, calibrated"),
    Column("r of mouth width, as solved", ".4f", f"{_R}; built-in head as the solver has it, calibrated"),
    Column("frames with a face", ".2f", "of the frames of the video"),
    Column("frames per second", ".0f", "wall time, a second run, whatever else ran on the machine"),
    Column("frames per second of processor time", ".0f", "all threads together, a second run"),
)


def measure(bench: Bench) -> Table:
    """Each clip of the unseen people, and all of them."""
    clips = bench.recordings.unseen
    rows = [figures(bench, clip, _captured(bench, clip)) for clip in clips]
    detail = [Row(f"unseen: {clip.name}", tuple(values), detail=True) for clip, values in zip(clips, rows, strict=True)]
    every = Row(f"grid_unseen_dev, {len(clips)} videos", tuple(np.mean(rows, axis=0).tolist()))
    note = (
        "The reference is MediaPipe's own tracking of the same videos at twice their size: this measures what is lost "
        "from landmarks to weights, not how well MediaPipe sees."
    )
    return Table("Capture from video", COLUMNS, (*detail, every), note)


def _captured(bench: Bench, clip: Clip) -> Captured:
    return captured(bench.recordings.data / "grid_unseen_dev" / f"{clip.name}.mpg")


def figures(bench: Bench, clip: Clip, made: Captured) -> list[float]:
    """The figures of a row, in the order of ``COLUMNS``."""
    weights = made.motion.at(clip.times)
    heads = (bench.recordings.head, uncalibrated(), marked_builtin_head())
    measured, own, solved = (head.distances(weights) for head in heads)
    r = [correlation(measured[:, k], clip.tracked[:, k]) for k in range(3)]
    also = [correlation(head[:, k], clip.tracked[:, k]) for head in (own, solved) for k in range(2)]
    size = float(measured[:, 0].std() / clip.tracked[:, 0].std())
    return [*r, size, *also, made.found / made.read, made.rate, made.processor_rate]


def plot(bench: Bench, folder: Path) -> list[str]:
    """Captured over tracked curves, a clip of each unseen person."""
    import matplotlib.pyplot as plt

    clips = bench.recordings.unseen_people
    figure, axes = plt.subplots(len(clips), 3, figsize=(13, 2.1 * len(clips)), squeeze=False, sharex=True)
    for row, clip in zip(axes, clips, strict=True):
        motion = _captured(bench, clip).motion.select(LIVE_LINK)
        made = bench.recordings.head.distances(motion.at(clip.times)) - bench.recordings.rest
        for k, (axis, name) in enumerate(zip(row, distances.NAMES, strict=True)):
            axis.plot(clip.times, 100 * clip.tracked[:, k], color="0.6", linewidth=2.5, label="tracked")
            axis.plot(clip.times, 100 * made[:, k], color="tab:red", linewidth=1.2, label="captured")
            axis.set_title(f"{clip.name}: {name}, r = {correlation(made[:, k], clip.tracked[:, k]):.3f}", size=9)
            axis.tick_params(labelsize=7)
        row[0].set_ylabel("% of eye distance", size=7)
    axes[0, 0].legend(fontsize=7)
    axes[-1, 0].set_xlabel("seconds", size=8)
    figure.tight_layout()
    figure.savefig(folder / "capture-curves.png", dpi=70)
    plt.close(figure)
    return ["capture-curves.png"]
