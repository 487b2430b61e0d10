# SPDX-License-Identifier: GPL-3.0-or-later
"""How much takes of one sound differ between seeds, in look and, which they should not, in lip timing.

Mean estimate error and coverage error after Yang et al. 2024, "Probabilistic Speech-Driven 3D Facial Motion Synthesis:
New Benchmarks, Methods, and Applications" (https://arxiv.org/abs/2311.18168).
"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np

from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.vertex_errors import lve
from facewright.models.training.evaluation.recordings import Clip
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.heads import masks

ORDER, PEER = 80, False
NEEDS = ("grid_s1", "grid_unseen_dev")

SEEDS = 10
SEEN_CLIPS = 8  # of s1, beside the unseen people
COLUMNS = (
    Column("lips, mm", ".3f", "diversity: mean over pairs of seeds of the mean distance of lip vertices, ICT head"),
    Column("upper face, mm", ".3f", "mean over pairs of seeds of the mean distance of upper-face vertices"),
    Column("mean LVE, 1e-5 m2", ".3f", "LVE of a seed's take, mean of the seeds and of the clips"),
    Column("CE, 1e-5 m2", ".3f", "coverage error: LVE of the closest of the seeds, mean of the clips"),
    Column("MEE, 1e-5 m2", ".3f", "mean estimate error: LVE of the mean of the seeds' vertices, mean of the clips"),
    Column("CE over MEE", ".3f", "the one over the other"),
    Column("spread of best lag, ms", ".1f", "deviation of the best lag over the seeds, mean of the clips"),
)


def spread(takes: np.ndarray) -> float:
    """Mean over pairs of takes of the mean distance of vertices, for takes (K, F, V, 3), in their unit."""
    return float(np.mean([np.linalg.norm(a - b, axis=-1).mean() for a, b in combinations(takes, 2)]))


def measure(bench: Bench) -> Table:
    """Unseen people, and some clips of s1."""
    recordings = bench.recordings
    sets = {
        f"grid_s1 dev, {SEEN_CLIPS} clips": (recordings.seen[:SEEN_CLIPS], recordings.solved("grid_s1")),
        f"grid_unseen_dev, {len(recordings.unseen)} clips": (recordings.unseen, recordings.solved("grid_unseen_dev")),
    }
    rows = []
    for name, (clips, solved) in sets.items():
        values = np.mean([figures(bench, clip, solved.clips[clip.name]) for clip in clips], axis=0)
        rows.append(Row(name, tuple(map(float, values))))
    return Table(
        f"Takes of {SEEDS} seeds", COLUMNS, tuple(rows), "Head rotation and gaze are not among these vertices."
    )


def figures(bench: Bench, clip: Clip, solved: np.ndarray) -> list[float]:
    """The figures of a row, in the order of ``COLUMNS``."""
    head = bench.recordings.head
    takes = [bench.take(clip, seed) for seed in range(SEEDS)]
    lips, upper = masks.lips(head), masks.upper_face(head)
    mouths = np.stack([bench.vertices(take.motion, clip.times, lips) for take in takes])  # (K, F, lips, 3)
    brows = np.stack([bench.vertices(take.motion, clip.times, upper) for take in takes])
    truth = head.vertices(solved, lips) / 100
    errors, mean = [lve(mouth, truth) for mouth in mouths], lve(mouths.mean(axis=0), truth)
    lags = [bench.lag(take) for take in takes]
    return [
        1000 * spread(mouths), 1000 * spread(brows), 1e5 * float(np.mean(errors)), 1e5 * min(errors),
        1e5 * mean, min(errors) / mean, 1000 * float(np.std(lags)),
    ]  # fmt: skip


def plot(bench: Bench, folder: Path) -> list[str]:
    """Eight seeds of one unseen person's clip over what was tracked: lips, which should agree, and what may differ."""
    import matplotlib.pyplot as plt

    clip = bench.recordings.unseen[-1]
    takes = [bench.take(clip, seed) for seed in range(SEEDS)]
    shown = ("browInnerUp", "eyeBlinkLeft", "headPitch")
    figure, axes = plt.subplots(1 + len(shown), 1, figsize=(9, 6), sharex=True)
    axes[0].plot(clip.times, clip.tracked[:, 0], color="0.6", linewidth=3, label="tracked")
    for take in takes:
        axes[0].plot(clip.times, take.predicted[:, 0], linewidth=0.9)
        for axis, name in zip(axes[1:], shown, strict=True):
            axis.plot(take.motion.times, take.motion.channel(name), linewidth=0.9)
    for axis, name in zip(axes, ("lip opening", *shown), strict=True):
        axis.set_ylabel(name, size=8)
        axis.tick_params(labelsize=7)
    axes[0].legend(fontsize=7)
    axes[-1].set_xlabel("seconds", size=8)
    figure.tight_layout()
    figure.savefig(folder / "evaluation-seeds.png", dpi=70)
    plt.close(figure)
    return ["evaluation-seeds.png"]
