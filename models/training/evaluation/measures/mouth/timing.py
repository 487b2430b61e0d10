# SPDX-License-Identifier: GPL-3.0-or-later
"""MTM, mean temporal misalignment: how far the lips' turning points lie from the tracked ones.

Chae-Yeon et al. (2025), "Perceptually Accurate 3D Talking Head Generation: New Definitions, Speech-Mesh Representation,
and Evaluation Metrics" (https://arxiv.org/abs/2503.20308): the lip opening, smoothed by a Gaussian of two frames at 30
fps, warped on the tracked one; mean distance of turning points that belong together, then mean of the clips.
"""

from __future__ import annotations

import numpy as np

from facewright.models.training.evaluation.bench import Bench, Take
from facewright.models.training.evaluation.figures.signals import mistimings, smooth, turning_points
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 40, True
NEEDS = ("grid_s1", "grid_unseen_dev")

FPS, SIGMA = 30.0, 2.0
COLUMNS = (
    Column("MTM, ms", ".1f", "turning points of the lip opening against the tracked ones, as arXiv 2503.20308, 30 fps"),
    Column("turning points found", ".2f", "part of the tracked turning points to which one belongs that MTM counts"),
)


def measure(bench: Bench) -> Table:
    """Both sets."""
    sets = {"grid_s1 dev": bench.seen(), "grid_unseen_dev": bench.unseen()}
    rows = [Row(f"{name}, {len(takes)} clips", figures(bench, takes)) for name, takes in sets.items()]
    return Table("Timing of the lips", COLUMNS, tuple(rows))


def figures(bench: Bench, takes: list[Take]) -> tuple[float | None, float]:
    """The figures of a row, in the order of ``COLUMNS``."""
    means, found, there = [], 0, 0
    for take in takes:
        times = np.arange(take.clip.times[0], take.clip.times[-1], 1 / FPS)
        truth = smooth(np.interp(times, take.clip.times, take.clip.tracked[:, 0]), SIGMA)
        shifts = mistimings(truth, smooth(bench.distances(take.motion, times)[:, 0], SIGMA))
        found, there = found + len(shifts), there + len(turning_points(truth))
        if shifts:
            means.append(np.mean(shifts) * 1000 / FPS)
    return (float(np.mean(means)) if means else None), found / max(there, 1)
