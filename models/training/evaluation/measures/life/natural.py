# SPDX-License-Identifier: GPL-3.0-or-later
"""People who speak to a camera: does the mouth follow them, and does the whole face go as far as theirs.

Sound and picture of these clips are out of step by a constant, so each is compared at its best single lag. Nothing is
learned from them.
"""

from __future__ import annotations

import numpy as np

from facewright.models.training.corpora import natural
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures import liveliness
from facewright.models.training.evaluation.figures.liveliness import reach, restlessness
from facewright.models.training.evaluation.figures.signals import correlation
from facewright.models.training.evaluation.recordings import Clip
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 15, False
NEEDS = ("natural_dev",)

LAGS = np.arange(-0.3, 0.3001, 0.02)  # s
_R = "as under Mouth, at the one lag of the clip, within 0.3 s, that gives the best r of opening and jaw"
COLUMNS = (
    Column("r of lip opening", ".3f", _R),
    Column("r of jaw", ".3f", _R),
    Column("r of mouth width", ".3f", _R),
    Column("jaw's range over real", ".2f", "5th to 95th percentile of the jaw's distance, ours over theirs"),
    Column("head's range over real", ".2f", "3rd to 97th percentile of a head angle in 6 s, mean of the three ratios"),
    Column("head's speed over range, 1/s", ".2f", "mean speed of a head angle over its range, mean of the three"),
    Column("real head's", ".2f", "the same of the person"),
    Column("brows' range over real", ".2f", "3rd to 97th percentile of the brows' height in 6 s"),
    Column("blinks per minute", ".0f", "lids less than half apart"),
    Column("real blinks", ".0f", "the same of the person"),
)


def measure(bench: Bench) -> Table:
    """Every clip, and their mean."""
    tracks = natural.read_tracks(bench.recordings.data / "natural_dev")
    found = {
        clip.name: figures(bench, clip, liveliness.tracked(tracks[clip.name])) for clip in bench.recordings.natural
    }
    rows = [Row(name, values, detail=True) for name, values in found.items()]
    mean = tuple(map(float, np.mean(list(found.values()), axis=0)))
    rows.append(Row(f"natural_dev, mean of {len(found)} clips", mean))
    return Table("People who speak to a camera", COLUMNS, tuple(rows), "Three clips of two speakers, 76 s.")


def figures(bench: Bench, clip: Clip, real: liveliness.Liveliness) -> tuple[float, ...]:
    """The figures of a row, in the order of ``COLUMNS``."""
    motion = bench.animate(clip.samples)
    mouth = max((_mouth(bench, clip, lag) for lag in LAGS), key=lambda found: found[0] + found[1])
    ours = liveliness.made(bench.recordings.head, motion)
    heads = [
        (reach(a, ours.fps) / reach(b, real.fps), restlessness(a, ours.fps), restlessness(b, real.fps))
        for a, b in zip(ours.head.T, real.head.T, strict=True)
    ]
    return (
        *mouth,
        *map(float, np.mean(heads, axis=0)),
        reach(ours.brows, ours.fps) / reach(real.brows, real.fps),
        liveliness.blinks_per_minute(ours),
        liveliness.blinks_per_minute(real),
    )


def _mouth(bench: Bench, clip: Clip, lag: float) -> tuple[float, ...]:
    """Correlations of opening, jaw and width, and the jaw's range over the real one, with our motion `lag` s later."""
    made = bench.distances(bench.animate(clip.samples), clip.times - lag)
    r = [correlation(made[:, k], clip.tracked[:, k]) for k in (0, 2, 1)]
    ours, theirs = (np.ptp(np.percentile(curves[:, 2], (5, 95))) for curves in (made, clip.tracked))
    return (*r, float(ours / theirs))
