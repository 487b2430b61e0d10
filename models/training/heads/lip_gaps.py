# SPDX-License-Identifier: GPL-3.0-or-later
"""How far lips are apart across the mouth on three heads: the source of ``inference/lips/gap_table.py``, and its judge.

    python -m facewright.models.training.heads.lip_gaps --data ../shared/data

prints the table. Points of the inner lips lie above each other in pairs; what counts is the height between the two.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facewright.inference.capture.landmarks import INNER_LOWER, INNER_UPPER
from facewright.inference.core.channels import ARKIT, mirrored
from facewright.inference.core.motion import Motion
from facewright.inference.heads import builtin_head
from facewright.inference.heads.parts import lips
from facewright.inference.heads.rest import head_at_rest
from facewright.models.training.heads.ict import LIPS, IctHead

# MPFB's inner upper lip from the middle to its own left, and points of the lower lip below it.
MPFB_UPPER = (520, 2678, 2679, 2672, 2673, 3844, 2674, 2592, 2591, 2607)
MPFB_LOWER = (523, 2675, 2676, 2677, 2608)
LEAST = 0.009  # of what jawOpen parts lips in the middle; channels that do less anywhere are left out


@dataclass(frozen=True, eq=False)
class LipPairs:
    """Pairs of points on the inner lips of a head.

    Parameters
    ----------
    heights : ndarray [shape=(52, K)]
        How much further apart, millimetres, each ARKit shape at 1 puts them.
    at_rest : ndarray [shape=(K,)]
        How far apart they are at rest, millimetres; 0 where the lips of the head overlap there.
    across : ndarray [shape=(K,)]
        Where they are, millimetres to the character's own left.
    """

    heights: np.ndarray
    at_rest: np.ndarray
    across: np.ndarray

    def gaps(self, motion: Motion) -> np.ndarray:
        """Millimetres between the lips in every frame [shape=(F, K)]; below 0 they have crossed."""
        names = [name for name in ARKIT if name in motion.channels]
        return self.at_rest + motion.select(names).values @ self.heights[[ARKIT.index(name) for name in names]]


def crossed_further(before: np.ndarray, after: np.ndarray, ends: Sequence[int] = ()) -> float:
    """How much deeper lips cross than they did anywhere in the same clip at the same place, millimetres.

    Parameters
    ----------
    before, after : ndarray [shape=(F, K)]
        What `LipPairs.gaps` gives.
    ends : sequence of int
        Frames at which a clip ends and the next begins.
    """
    parts = zip(np.split(before, ends), np.split(after, ends), strict=True)
    return max(float((_deepest(new) - _deepest(old)).max(initial=0)) for old, new in parts)


def _deepest(gaps: np.ndarray) -> np.ndarray:
    return np.maximum(-gaps, 0).max(axis=0)


def lip_pairs(data: Path) -> dict[str, LipPairs]:
    """The pairs of ICT-FaceKit's head, MPFB's and the built-in one, from the folder of the data sets."""
    return {"ict": _ict(data), "mpfb": _mpfb(data), "own": _own()}


def _ict(data: Path) -> LipPairs:
    head = IctHead.load(data / "head_ict_facekit.npz")
    upper, lower = ([LIPS[number] for number in line] for line in (INNER_UPPER, INNER_LOWER))
    heights = (head.deltas[:, upper, 1] - head.deltas[:, lower, 1]).astype(float)
    rest = head.neutral[upper, 1] - head.neutral[lower, 1]
    return LipPairs(10 * heights, 10 * np.maximum(rest, 0), 10 * head.neutral[upper, 0])


def _own() -> LipPairs:
    head, mouth, places = builtin_head(), head_at_rest().skin.mouth, np.arange(-13, 14, 2)
    upper, lower = mouth[lips.SEAM, lips.COUNT // 2 - places], mouth[lips.SEAM, places % lips.COUNT]
    heights = np.stack([head.shapes[name][upper, 2] - head.shapes[name][lower, 2] for name in ARKIT]).astype(float)
    return LipPairs(1000 * heights, np.zeros(len(places)), 1000 * head.neutral[upper, 0])


def _mpfb(data: Path) -> LipPairs:
    with np.load(data / "head_mpfb_arkit52_oculus15.npz") as file:
        moved = dict(zip(file["shape_names"].tolist(), 100 * file["deltas_dm"].astype(float), strict=True))
        neutral = 100 * file["neutral_dm"].astype(float)
    x = neutral[list(MPFB_LOWER), 0]

    def above(points: np.ndarray) -> np.ndarray:
        """Height over the lower lip's points of a line along the upper lip."""
        line = np.interp(x, neutral[list(MPFB_UPPER), 0], points[list(MPFB_UPPER), 1])
        return line - points[list(MPFB_LOWER), 1]

    left = np.stack([above(moved.get(name, np.zeros_like(neutral))) for name in ARKIT])
    right = left[[ARKIT.index(mirrored(name)) for name in ARKIT], :0:-1]
    rest = np.maximum(above(neutral), 0)
    return LipPairs(np.hstack([right, left]), np.concatenate([rest[:0:-1], rest]), np.concatenate([-x[:0:-1], x]))


def rows(pairs: LipPairs) -> tuple[np.ndarray, np.ndarray]:
    """What each shape adds at every pair [shape=(52, K)], and the gaps at rest, where jawOpen adds 1 in the middle.

    Heads are a little lopsided; here the right half is as the left one, mirrored.
    """
    whole = pairs.heights[ARKIT.index("jawOpen"), len(pairs.across) // 2]
    mirror = pairs.heights[[ARKIT.index(mirrored(name)) for name in ARKIT], ::-1]
    return (pairs.heights + mirror) / 2 / whole, (pairs.at_rest + pairs.at_rest[::-1]) / 2 / whole


def main() -> None:
    """Print the table of ``inference/lips/gap_table.py``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the data sets")
    pairs = lip_pairs(parser.parse_args().data)
    tables = [rows(pairs[name]) for name in ("ict", "mpfb")]
    for number, name in enumerate(ARKIT):
        if "Right" not in name and max(np.abs(table[number]).max() for table, _ in tables) >= LEAST:
            print(f'"{name}":', tuple(table[number].round(3).tolist() for table, _ in tables))
    print("at rest:", [rest.round(3).tolist() for _, rest in tables])


if __name__ == "__main__":
    main()
