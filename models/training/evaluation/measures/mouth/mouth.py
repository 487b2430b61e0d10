# SPDX-License-Identifier: GPL-3.0-or-later
"""Lip opening, jaw and mouth width against the tracked ones: shape, size and timing of the curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facewright.models.training.evaluation.bench import Bench, Take
from facewright.models.training.evaluation.figures.signals import correlation
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.heads import distances

ORDER, PEER = 10, True
NEEDS = ("grid_s1", "grid_unseen_dev")

_R = (
    "weights on the ICT head, mesh distance against the tracked one at the video's frames, mean of the clips' r, "
    "nothing fitted"
)
COLUMNS = (
    Column("r of lip opening", ".3f", _R),
    Column("r of jaw", ".3f", _R),
    Column("r of mouth width", ".3f", _R),
    Column("size ratio of lip opening", ".2f", "deviation predicted over tracked, median of the clips"),
    Column("best lag, ms", ".0f", "shift that gives the best r of lip opening, steps of 10 ms, mean of the clips"),
    Column("absolute lag, ms", ".0f", "as best lag, mean of the clips' absolute values"),
)


def measure(bench: Bench) -> Table:
    """The two sets, and each clip of the unseen people."""
    seen, unseen = bench.seen(), bench.unseen()
    people = len(bench.recordings.unseen_people)
    rows = [
        Row(f"grid_s1 dev, {len(seen)} clips", figures(bench, seen)),
        *(Row(f"unseen: {take.clip.name}", figures(bench, [take]), detail=True) for take in unseen),
        Row(f"grid_unseen_dev, {len(unseen)} clips of {people} people", figures(bench, unseen)),
    ]
    return Table("Mouth against tracked video", COLUMNS, tuple(rows))


def figures(bench: Bench, takes: list[Take]) -> tuple[float, ...]:
    """The figures of a row, in the order of ``COLUMNS``."""
    r = np.array([[correlation(t.predicted[:, k], t.clip.tracked[:, k]) for k in range(3)] for t in takes]).mean(axis=0)
    size = np.median([t.predicted[:, 0].std() / t.clip.tracked[:, 0].std() for t in takes])
    lags = 1000 * np.array([bench.lag(take) for take in takes])
    return float(r[0]), float(r[2]), float(r[1]), float(size), float(lags.mean()), float(np.abs(lags).mean())


def plot(bench: Bench, folder: Path) -> list[str]:
    """Curves of a clip of each unseen person and of four clips of s1."""
    people = [bench.take(clip) for clip in bench.recordings.unseen_people]
    sets = {"model-unseen.png": people, "model-s1.png": bench.seen()[:4]}
    for name, takes in sets.items():
        _draw(takes, folder / name)
    return list(sets)


def _draw(takes: list[Take], path: Path) -> None:
    """Predicted over tracked curves, a picture per distance and take."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(takes), 3, figsize=(13, 2.1 * len(takes)), squeeze=False, sharex=True)
    for row, take in zip(axes, takes, strict=True):
        for k, (axis, name) in enumerate(zip(row, distances.NAMES, strict=True)):
            axis.plot(take.clip.times, take.clip.tracked[:, k], color="0.6", linewidth=2.5, label="tracked")
            axis.plot(take.clip.times, take.predicted[:, k], color="tab:red", linewidth=1.2, label="predicted")
            r = correlation(take.predicted[:, k], take.clip.tracked[:, k])
            axis.set_title(f"{take.clip.name}: {name}, r = {r:.2f}", size=9)
            axis.tick_params(labelsize=7)
    axes[0, 0].legend(fontsize=7)
    axes[-1, 0].set_xlabel("seconds", size=8)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    plt.close(figure)
