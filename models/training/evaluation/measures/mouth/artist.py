# SPDX-License-Identifier: GPL-3.0-or-later
"""Jaw and mouth channels against an artist's curves, FACEGOOD's take that is kept out of training."""

from __future__ import annotations

import numpy as np

from facewright.inference.core.channels import LIVE_LINK
from facewright.models.training.corpora import facegood
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.signals import correlation
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.labels import artist_curves

ORDER, PEER = 20, True
NEEDS = ("facegood",)

TAKE = "3_16"
MOVING = 0.02  # a channel whose curve deviates by more than this counts as moving
COLUMNS = (
    Column("r of jaw", ".3f", "jaw of the ICT head against mouth_stretch_c"),
    Column("mean r of moving mouth channels", ".3f", "ARKit channels against the artist's curves renamed"),
)


def measure(bench: Bench) -> Table:
    """One take of one woman speaking Mandarin."""
    folder = bench.recordings.data / "facegood"
    motion = bench.animate(facegood.read_audio(folder, TAKE)[0])
    curves = facegood.read_curves(folder)[TAKE]
    times = (np.arange(len(next(iter(curves.values())))) + 0.5) / facegood.FPS
    jaw = correlation(bench.distances(motion, times)[:, 2], curves["mouth_stretch_c"])
    values = motion.select(LIVE_LINK).at(times)
    r = []
    for channel, parts in artist_curves.MIX.items():
        wanted = np.sum([share * curves[curve] for curve, share in parts.items()], axis=0)
        if wanted.std() > MOVING:
            r.append(correlation(values[:, LIVE_LINK.index(channel)], wanted))
    return Table("Against an artist's curves", COLUMNS, (Row(f"facegood {TAKE}", (jaw, float(np.mean(r)))),))
