# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the training targets.

    python -m facewright.models.training.labels.face_curves --data ../shared/data --out .cache/targets

Writes ``grid_s1.npz`` (solved from tracked video by `inference/capture`), ``grid_unseen_dev.npz`` (the same solver on
four other people: a check of the solver and the reference for evaluation, never for training) and ``facegood.npz``
(artist-solved curves renamed and calibrated, `facegood.py`). :func:`read` gives them back.
"""

from __future__ import annotations

import argparse
import time
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


def make_grid(tracks, people, head, dev) -> TargetSet:
    """Solve GRID clips, person by person.

    Parameters
    ----------
    tracks : dict of str to Tracks
        Landmarks in pixels.
    people : list of list of str
        Clip names of each person.
    head : IctHead
        Head to solve on.
    dev : frozenset of str
        Clips never to be trained on.
    """
    from facewright.inference.capture import distances, person
    from facewright.models.training.corpora import grid

    clips, tracked = {}, {}
    for names in people:
        own = {name: tracks[name] for name in names}
        clips.update(person.solve_person(own, head.marked()))
        for name, stable in person.align_person(own)[0].items():
            values = distances.from_landmarks(stable.face)
            tracked[name] = values - np.median(values[person.rest_frames(stable.face)], axis=0)
    return TargetSet(clips, tracked, person.OBSERVED, dev, grid.FPS, 0.5 / grid.FPS)


def main() -> None:
    """Make and store the targets of all data sets."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the data sets")
    parser.add_argument("--out", type=Path, default=Path(".cache/targets"), help="folder for the targets")
    args = parser.parse_args()
    from facewright.models.training.corpora import facegood, grid
    from facewright.models.training.labels.ict import IctHead

    begun = time.perf_counter()
    head = IctHead.load(args.data / "head_ict_facekit.npz")
    tracks = grid.read_tracks(args.data / "grid_s1")
    made = {"grid_s1": make_grid(tracks, [list(tracks)], head, grid.read_split(args.data / "grid_s1"))}
    unseen = grid.read_unseen(args.data / "grid_unseen_dev")
    made["grid_unseen_dev"] = make_grid(unseen, [[name] for name in unseen], head, frozenset(unseen))
    made["facegood"] = facegood.make(args.data / "facegood", head, made["grid_s1"])
    for name, targets in made.items():
        write(targets, args.out / f"{name}.npz")
        print(f"{name}: {len(targets.clips)} clips, {sum(map(len, targets.clips.values()))} frames")
    print(f"written to {args.out} in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
