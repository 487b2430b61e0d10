# SPDX-License-Identifier: GPL-3.0-or-later
"""LVE and FDD on the ICT head against the weights solved from video.

As torchmetrics takes them: clips joined, vertices in metres, the head's rotation left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from facewright.inference.adjust.adjustments import Adjustments, adjust
from facewright.inference.core.channels import LIVE_LINK
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.vertex_errors import fdd, lve
from facewright.models.training.evaluation.recordings import Clip
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.heads import masks
from facewright.models.training.labels.target_set import TargetSet

ORDER, PEER = 30, True
NEEDS = ("grid_s1", "grid_unseen_dev")
READ = Adjustments({"performed": 0.0})

_ON = "on the ICT head, metres, against weights solved from video, all frames of all clips joined"
COLUMNS = (
    Column("LVE, 1e-5 m2", ".3f", f"mean of each frame's largest squared distance of a lip vertex; {_ON}"),
    Column("largest lip error, mm", ".2f", f"mean of each frame's largest distance of a lip vertex; {_ON}"),
    Column("FDD, 1e-7 m2", ".3f", f"deviation of squared offsets from rest, solved less predicted, upper face; {_ON}"),
    Column("absolute FDD, 1e-7 m2", ".3f", "as FDD, but of each clip by itself, mean of the absolute values"),
)
SHARES = tuple(Column(f"{name} over a face at rest", ".2f", "the same, over that of a face that never moves")
               for name in ("LVE", "lip error", "absolute FDD"))  # fmt: skip


def measure(bench: Bench) -> Table:
    """Both sets; a face at rest says what a still face would get."""
    recordings = bench.recordings
    sets = {
        f"grid_s1 dev, {len(recordings.seen)} clips": (recordings.seen, recordings.solved("grid_s1")),
        f"grid_unseen_dev, {len(recordings.unseen)} clips": (recordings.unseen, recordings.solved("grid_unseen_dev")),
    }

    def moved(number: int, clip: Clip) -> np.ndarray:  # each clip has its own seed, or all would blink at the same time
        return bench.animate(clip.samples, number).select(LIVE_LINK).at(clip.times)

    def read(number: int, clip: Clip) -> np.ndarray:  # as these people do, who read to nobody
        return adjust(bench.animate(clip.samples, number), READ).select(LIVE_LINK).at(clip.times)

    def still(_number: int, clip: Clip) -> np.ndarray:
        return np.zeros((len(clip.times), len(LIVE_LINK)))

    rows = []
    for name, (clips, solved) in sets.items():
        resting = figures(bench, clips, solved, still)
        for way, said in ((moved, name), (read, f"{name}, Performed at 0"))[: 1 if bench.is_peer else 2]:
            ours = figures(bench, clips, solved, way)
            rows.append(Row(said, (*ours, *(ours[k] / resting[k] for k in (0, 1, 3)))))
        rows.append(Row(f"a face at rest, {name}", (*resting, 1.0, 1.0, 1.0), reference=True))
    note = (
        f"{len(masks.lips(recordings.head))} lip vertices, {len(masks.upper_face(recordings.head))} of the upper face."
    )
    note += " Clip k is animated with seed k."
    return Table("LVE and FDD", COLUMNS + SHARES, tuple(rows), note)


def figures(
    bench: Bench, clips: list[Clip], solved: TargetSet, animated: Callable[[int, Clip], np.ndarray]
) -> tuple[float, ...]:
    """The figures of a row, in the order of ``COLUMNS``."""
    head = bench.recordings.head
    pairs = [(animated(k, clip), solved.clips[clip.name]) for k, clip in enumerate(clips)]
    predicted, truth = (np.concatenate(side) for side in zip(*pairs, strict=True))
    lips, upper = masks.lips(head), masks.upper_face(head)
    mouths = [head.vertices(weights, lips) / 100 for weights in (predicted, truth)]
    largest = np.linalg.norm(mouths[0] - mouths[1], axis=-1).max(axis=1).mean()
    neutral = head.neutral[upper] / 100

    def dynamics(a: np.ndarray, b: np.ndarray) -> float:
        return fdd(head.vertices(a, upper) / 100, head.vertices(b, upper) / 100, neutral)

    return (
        1e5 * lve(*mouths),
        1000 * float(largest),
        1e7 * dynamics(predicted, truth),
        1e7 * float(np.mean([abs(dynamics(a, b)) for a, b in pairs])),
    )
