# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the lower lip comes to the upper teeth on f and v."""

from __future__ import annotations

import numpy as np

from facewright.inference.core.channels import ARKIT, LIVE_LINK
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.closures import NOT_CLOSING
from facewright.models.training.evaluation.figures.phones import PhoneCurve, difference, of_phones
from facewright.models.training.evaluation.recordings import NotMeasured
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.heads import masks
from facewright.models.training.heads.ict import IctHead

ORDER, PEER = 55, True
NEEDS = ("grid_s1", "speechocean762")

LABIODENTALS = ("F", "V")
TEETH = slice(17039, 21451)  # gums and teeth of both jaws; those of the lower one follow jawOpen
FRONT = 0.6  # cm to either side of the middle: the four incisors
LIP = 1.0  # cm to either side of the middle
DEPTH, EDGE = 0.3, 0.15  # cm behind the foremost point, and above the lowest, that count as the edge of the incisors
COLUMNS = (
    Column(
        "nearer on f v",
        ".4f",
        "mean distance of lower lip and upper incisors on other consonants less that on F V, outer-eye distances",
    ),
    Column("d'", ".2f", "that difference over the deviation within the two groups"),
    Column("lip to teeth on f v, mm", ".2f", "mean of the least distance on the ICT head, middle half of each F V"),
    Column("of so many", ".0f", "count of aligned f v"),
)


def edge_of_upper_teeth(head: IctHead) -> list[int]:
    """Vertex numbers of the cutting edge of the upper incisors."""
    still = np.linalg.norm(head.deltas[ARKIT.index("jawOpen")][TEETH], axis=1) < 0.1
    numbers = np.flatnonzero(still) + TEETH.start
    numbers = numbers[np.abs(head.neutral[numbers, 0]) < FRONT]
    numbers = numbers[head.neutral[numbers, 2] > head.neutral[numbers, 2].max() - DEPTH]
    return numbers[head.neutral[numbers, 1] < head.neutral[numbers, 1].min() + EDGE].tolist()


def lower_lip(head: IctHead) -> list[int]:
    """Vertex numbers of the middle of the lower lip: what of the lips goes down with the jaw."""
    numbers = np.array(masks.lips(head))
    down = -head.deltas[ARKIT.index("jawOpen")][numbers, 1]
    return numbers[(down > down.max() / 2) & (np.abs(head.neutral[numbers, 0]) < LIP)].tolist()


def lip_to_teeth(head: IctHead, weights: np.ndarray) -> np.ndarray:
    """Least distance between lower lip and upper incisors [shape=(F,)], in outer-eye distances.

    `weights` [shape=(F, 61)]; the columns of ARKit's come first.
    """
    lip, teeth = head.vertices(weights, lower_lip(head)), head.vertices(weights, edge_of_upper_teeth(head))
    apart = np.linalg.norm(lip[:, :, None] - teeth[:, None], axis=-1)  # (F, lip, teeth)
    return apart.min(axis=(1, 2)) / head.eye_distance


def measure(bench: Bench) -> Table:
    """On weights solved from video, and predicted for s1 and for read English."""
    recordings, rows = bench.recordings, []
    phones, head = recordings.seen_phones, recordings.head
    try:
        solved = recordings.solved("grid_s1")
        clips = [(phones[c.name], c.times, lip_to_teeth(head, solved.clips[c.name])) for c in recordings.seen]
        rows.append(Row(f"solved from video, grid_s1 dev, {len(clips)} clips", figures(head, clips), reference=True))
    except NotMeasured:
        pass
    sets = {
        f"grid_s1 dev, {len(recordings.seen)} clips": [(phones[c.name], c.samples) for c in recordings.seen],
        f"speechocean762 test, {len(bench.read())} clips": [(u.phones, u.samples) for u in bench.read()],
    }
    for name, sounds in sets.items():
        rows.append(Row(name, figures(head, [_spoken(bench, *sound) for sound in sounds])))
    teeth, lip = len(edge_of_upper_teeth(head)), len(lower_lip(head))
    note = (
        f"{teeth} vertices of the edge of the upper incisors, {lip} of the lower lip. Other consonants: not p b m w r."
    )
    return Table("Lower lip to upper teeth", COLUMNS, tuple(rows), note)


def figures(head: IctHead, clips: list[PhoneCurve]) -> tuple[float, ...]:
    """The figures of a row, in the order of ``COLUMNS``."""
    near, others = of_phones(clips, LABIODENTALS), of_phones(clips, NOT_CLOSING)
    return (*difference(others, near), 10 * head.eye_distance * float(near.mean()), float(len(near)))


def _spoken(bench: Bench, phones: list[tuple[str, float, float]], samples: np.ndarray) -> PhoneCurve:
    motion = bench.animate(samples)
    return phones, motion.times, lip_to_teeth(bench.recordings.head, motion.select(LIVE_LINK).values)
