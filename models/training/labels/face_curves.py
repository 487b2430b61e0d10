# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the training targets.

    python -m facewright.models.training.labels.face_curves --data ../shared/data --out .cache/targets

Writes ``grid_s1.npz`` and ``grid_more.npz`` (solved from tracked video by `inference/capture`),
``grid_unseen_dev.npz`` (the same solver on other people: a check of the solver and the reference for evaluation, never
for training) and ``facegood.npz`` (artist-solved curves renamed and calibrated, `artist_curves.py`).
``target_set.read`` gives them back.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from facewright.inference.capture import distances, person
from facewright.inference.capture.landmarks import Tracks
from facewright.models.training.corpora import grid
from facewright.models.training.heads.ict import IctHead
from facewright.models.training.labels import artist_curves
from facewright.models.training.labels.target_set import TargetSet, write


def make_grid(tracks: dict[str, Tracks], people: list[list[str]], head: IctHead, dev: frozenset[str]) -> TargetSet:
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

    begun = time.perf_counter()
    head = IctHead.load(args.data / "head_ict_facekit.npz")
    tracks = grid.read_tracks(args.data / "grid_s1")
    made = {"grid_s1": make_grid(tracks, [list(tracks)], head, grid.read_split(args.data / "grid_s1"))}
    unseen = grid.read_unseen(args.data / "grid_unseen_dev")
    more = grid.read_unseen(args.data / "grid_more")
    people = [[name for name in more if grid.speaker_of(name) == who] for who in sorted({*map(grid.speaker_of, more)})]
    made["grid_more"] = make_grid(more, people, head, frozenset())
    made["grid_unseen_dev"] = make_grid(unseen, [[name] for name in unseen], head, frozenset(unseen))
    made["facegood"] = artist_curves.make(args.data / "facegood", head, made["grid_s1"])
    for name, targets in made.items():
        write(targets, args.out / f"{name}.npz")
        print(f"{name}: {len(targets.clips)} clips, {sum(map(len, targets.clips.values()))} frames")
    print(f"written to {args.out} in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
