# SPDX-License-Identifier: GPL-3.0-or-later
"""Make captures on the built-in head speak the same weights as the training targets, which are solved on the ICT head.

    python -m facewright.models.training.evaluation.tuning.calibrate_capture --data ../shared/data

A weight means another movement on every head. Each channel of the targets is therefore a mixture of shapes of the
built-in head: the table C that explains best, in the least squares of ``solving.rows``, what the ICT head's landmarks
do when it speaks as GRID's speaker s1 does in the training clips,

    minimise  E |(A_ict - A_own C) w|^2 + keep |C - diag(gain)|^2

Solving then runs on the shapes ``A_own C`` of our own head. Written to ``inference/capture/calibration.csv``; agreement
is printed for training clips that were not used. No dev clip and no unseen person is touched.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from facewright.inference.capture import builtin, person, solving
from facewright.inference.capture.head import MarkedHead
from facewright.inference.core.atomic_write import replacing
from facewright.inference.core.channels import LIVE_LINK, mirrored
from facewright.models.training.corpora import grid
from facewright.models.training.heads.ict import IctHead

TABLE = Path(builtin.__file__).with_name("calibration.csv")
KEEP = 5e-5  # how much a mixture costs against one shape
FLOOR = 1e-3  # added to the mean square of every weight: rare ones count a little, too
FIT_EVERY, CHECK_EVERY = 6, 12  # clips


def mixture(own: MarkedHead, ict: MarkedHead, weights: np.ndarray, *, mouth: bool) -> np.ndarray:
    """The table C of one group of channels.

    Parameters
    ----------
    own, ict : MarkedHead
        The heads.
    weights : ndarray [shape=(F, 61)]
        What s1's face does.
    mouth : bool
        Mouth and jaw, or brows.

    Returns
    -------
    ndarray [shape=(C, C)]
        A column for each channel of the targets: how much of each own shape it takes.
    """
    channels = tuple(solving.MOUTH if mouth else solving.BROW)
    numbers = tuple(solving.POINT_WEIGHT) if mouth else solving.BROWS
    a_own, a_ict = (
        solving.rows(head.moves(channels, numbers).transpose(1, 2, 0)[None], numbers, mouth=mouth)[0]
        for head in (own, ict)
    )
    used = weights[:, [LIVE_LINK.index(name) for name in channels]]
    other = weights[:, [LIVE_LINK.index(mirrored(name)) for name in channels]]  # both heads are symmetric, s1 is not
    use = (used.T @ used + other.T @ other) / (2 * len(used)) + FLOOR * np.eye(len(channels))
    gain = np.diag((a_own * a_ict).sum(0) / (a_own**2).sum(0))
    own_values, own_axes = np.linalg.eigh(a_own.T @ a_own)
    use_values, use_axes = np.linalg.eigh(use)
    right = own_axes.T @ (a_own.T @ a_ict @ use + KEEP * gain) @ use_axes
    return own_axes @ (right / (own_values[:, None] * use_values + KEEP)) @ use_axes.T


def write(tables: dict[tuple[str, ...], np.ndarray], path: Path) -> None:
    """One row per channel of the targets and own shape it takes: channel, shape, amount."""
    lines = ["channel,shape,amount"]
    for channels, table in tables.items():
        for column, channel in enumerate(channels):
            amounts = np.round(table[:, column], 3)
            lines += [f"{channel},{channels[row]},{amounts[row]:g}" for row in np.flatnonzero(np.abs(amounts) >= 0.01)]
    with replacing(path) as beside:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")


def agreement(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> list[str]:
    """Lines that compare two solutions of the same clips, channel by channel."""
    a, b = (np.concatenate(list(clips.values())).astype(float) for clips in (one, other))
    lines = []
    for name in (*solving.MOUTH, *solving.BROW):
        x, y = a[:, LIVE_LINK.index(name)], b[:, LIVE_LINK.index(name)]
        r = np.corrcoef(x, y)[0, 1] if min(x.std(), y.std()) > 1e-6 else np.nan
        high = np.percentile([x, y], 95, axis=1)
        lines.append(
            f"{name:20s} r {r:.3f}  mean difference {np.abs(x - y).mean():.4f}  p95 {high[0]:.2f} {high[1]:.2f}"
        )
    return lines


def main() -> None:
    """Fit, write, and say how well it agrees."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the data sets")
    data = parser.parse_args().data
    ict = IctHead.load(data / "head_ict_facekit.npz").marked()
    tracks = grid.read_tracks(data / "grid_s1")
    train = sorted(set(tracks) - grid.read_split(data / "grid_s1"))
    fit, check = train[::FIT_EVERY], train[FIT_EVERY // 2 :: CHECK_EVERY]
    weights = np.concatenate(list(person.solve_person({name: tracks[name] for name in fit}, ict).values()))
    plain = builtin.uncalibrated()
    write(
        {
            tuple(solving.MOUTH): mixture(plain, ict, weights, mouth=True),
            tuple(solving.BROW): mixture(plain, ict, weights, mouth=False),
        },
        TABLE,
    )
    builtin.marked_builtin_head.cache_clear()
    held = {name: tracks[name] for name in check}
    known = person.solve_person(held, ict)
    for title, head in (("as the head is", plain), ("calibrated", builtin.marked_builtin_head())):
        print(f"\n{title}: {len(check)} training clips that were not used, ICT head and built-in head")
        print("\n".join(agreement(known, person.solve_person(held, head))))


if __name__ == "__main__":
    main()
