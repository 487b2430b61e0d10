# SPDX-License-Identifier: GPL-3.0-or-later
"""Face curves of one data set to train on, and the file they are stored in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from facewright.inference.core.channels import LIVE_LINK


@dataclass(frozen=True, eq=False)
class TargetSet:
    """Targets of one data set.

    Parameters
    ----------
    clips : dict of str to ndarray [shape=(F, 61), float32]
        Columns as in ``channels.LIVE_LINK``: weights in [0, 1], rotations in radians.
    distances : dict of str to ndarray [shape=(F, 3), float32]
        Tracked lip opening, mouth width and jaw less their values on the clip's closed mouth, in outer-eye distances
        (``distances.py``); empty where nothing was tracked.
    observed : ndarray [shape=(61,), bool]
        Channels this data set knows about; the others hold zeros that mean nothing and must not be learned from it.
    dev : frozenset of str
        Clips never to be trained on.
    fps : float
        Frames per second.
    first : float
        Time of frame 0 in seconds: frame k is at ``first + k / fps``.
    """

    clips: dict[str, np.ndarray]
    distances: dict[str, np.ndarray]
    observed: np.ndarray
    dev: frozenset[str]
    fps: float
    first: float

    def times(self, clip: str) -> np.ndarray:
        """Time of every frame of a clip in seconds from the start of its sound, (F,)."""
        return self.first + np.arange(len(self.clips[clip])) / self.fps


def write(targets: TargetSet, path: str | Path) -> None:
    """Store a target set, beside its place first and then renamed, so that no reader meets half a file."""
    names = list(targets.clips)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".part.npz")
    np.savez_compressed(
        beside,
        clips=np.array(names),
        frames=np.array([len(targets.clips[name]) for name in names]),
        values=np.concatenate([targets.clips[name] for name in names]).astype(np.float32),
        distances=np.concatenate([targets.distances.get(name, np.empty((0, 3))) for name in names]).astype(np.float32),
        channels=np.array(LIVE_LINK),
        observed=targets.observed,
        dev=np.array(sorted(targets.dev), dtype="U32"),
        fps=targets.fps,
        first=targets.first,
    )
    beside.replace(path)


def read(path: str | Path) -> TargetSet:
    """Read what :func:`write` stored."""
    with np.load(path) as file:
        if tuple(file["channels"]) != LIVE_LINK:
            raise ValueError(f"{path} holds other channels than this version's 61; make the targets again.")
        names, cuts = file["clips"].tolist(), np.cumsum(file["frames"])[:-1]
        tracked = np.split(file["distances"], cuts) if len(file["distances"]) else []
        return TargetSet(
            clips=dict(zip(names, np.split(file["values"], cuts), strict=True)),
            distances=dict(zip(names, tracked, strict=True)) if tracked else {},
            observed=file["observed"],
            dev=frozenset(file["dev"].tolist()),
            fps=float(file["fps"]),
            first=float(file["first"]),
        )
