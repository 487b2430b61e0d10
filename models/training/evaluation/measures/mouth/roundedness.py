# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the mouth is rounded on sh, ch, w, uw, ow and spread on iy, eh, ae."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facewright.inference.core.channels import PHONES
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.phones import PhoneCurve, difference, of_phones
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 60, True
NEEDS = ("grid_s1", "speechocean762")

ROUND = ("SH", "CH", "W", "UW", "OW")
SPREAD = ("IY", "EH", "AE")
COLUMNS = (
    Column(
        "narrower when round", ".4f", "mean mouth width of IY EH AE less that of SH CH W UW OW, outer-eye distances"
    ),
    Column("d'", ".2f", "that difference over the deviation within the two groups"),
    Column("rounder weights", ".3f", "mean of mouthFunnel + mouthPucker, SH CH W UW OW less IY EH AE"),
)


def measure(bench: Bench) -> Table:
    """Tracked and predicted on s1 (who says no SH), predicted on read English."""
    recordings = bench.recordings
    phones = recordings.seen_phones
    tracked = [(phones[c.name], c.times, c.tracked[:, 1]) for c in recordings.seen]
    sets = {
        f"grid_s1 dev, {len(recordings.seen)} clips": [(phones[c.name], c.samples) for c in recordings.seen],
        f"speechocean762 test, {len(bench.read())} clips": [(u.phones, u.samples) for u in bench.read()],
    }
    reference = difference(of_phones(tracked, SPREAD), of_phones(tracked, ROUND))
    rows = [Row(f"tracked, grid_s1 dev, {len(tracked)} clips", (*reference, None), reference=True)]
    for name, clips in sets.items():
        widths, weights = zip(*(_curves(bench, *clip) for clip in clips), strict=True)
        rounder = of_phones(list(weights), ROUND).mean() - of_phones(list(weights), SPREAD).mean()
        rows.append(
            Row(name, (*difference(of_phones(list(widths), SPREAD), of_phones(list(widths), ROUND)), float(rounder)))
        )
    return Table("Rounded and spread", COLUMNS, tuple(rows))


def _curves(bench: Bench, phones: list[tuple[str, float, float]], samples: np.ndarray) -> tuple[PhoneCurve, PhoneCurve]:
    """Width and rounding weights of a clip."""
    motion = bench.animate(samples)
    width = bench.distances(motion, motion.times)[:, 1]
    return (phones, motion.times, width), (
        phones, motion.times, motion.select(("mouthFunnel", "mouthPucker")).values.sum(axis=1),
    )  # fmt: skip


def plot(bench: Bench, folder: Path) -> list[str]:
    """Each phone of read English by its mean lip opening and mouth width."""
    import matplotlib.pyplot as plt

    clips = []
    for utterance in bench.read():
        motion = bench.animate(utterance.samples)
        clips.append((utterance.phones, motion.times, bench.distances(motion, motion.times)))
    figure, axis = plt.subplots(figsize=(7, 4.5))
    for phone in PHONES:
        curves = [
            of_phones([(phones, times, values[:, k]) for phones, times, values in clips], (phone,)) for k in (0, 1)
        ]
        if len(curves[0]) >= 5:  # fewer say nothing
            group = "tab:red" if phone in ROUND else "tab:blue" if phone in SPREAD else "0.3"
            axis.text(curves[1].mean(), curves[0].mean(), phone, color=group, ha="center", va="center", size=9)
            axis.plot(curves[1].mean(), curves[0].mean(), alpha=0)
    axis.set_xlabel("mouth width less that at rest, outer-eye distances (red: should be narrow, blue: wide)", size=8)
    axis.set_ylabel("lip opening, outer-eye distances", size=8)
    axis.tick_params(labelsize=7)
    figure.tight_layout()
    figure.savefig(folder / "evaluation-phones.png", dpi=70)
    plt.close(figure)
    return ["evaluation-phones.png"]
