# SPDX-License-Identifier: GPL-3.0-or-later
"""How good the training targets are: the figures and pictures of ``docs/evaluation/training-targets.md``.

    python -m facewright.models.training.labels.report --data ../shared/data --pictures docs/pictures/evaluation

Everything is measured on the ICT head: put the weights on it, read the three distances of ``distances.py`` off the
mesh, compare with the same distances of the tracked landmarks. Targets are solved afresh, once with the priors and
once without (ridge 0.15 on every channel, no sparsity, exclusive pairs, symmetry or smoothness).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from facewright.inference.capture import solving
from facewright.inference.capture.person import solve_person
from facewright.inference.core.channels import ARKIT, BILABIALS, LIVE_LINK
from facewright.models.training.corpora import grid
from facewright.models.training.heads.distances import NAMES
from facewright.models.training.heads.ict import IctHead
from facewright.models.training.labels.face_curves import make_grid
from facewright.models.training.labels.target_set import TargetSet

PLAIN = {name: solving.Prior(0.15) for name in solving.MOUTH}
SHUT = 0.005  # outer-eye distances: lips within this of their closed state count as shut


def mesh_distances(weights: np.ndarray, head: IctHead) -> np.ndarray:
    """Distances of the ICT head less those of its neutral, (F, 3)."""
    return head.distances(weights) - head.distances(np.zeros((1, len(ARKIT))))


def correlations(clips: dict[str, np.ndarray], tracked: dict[str, np.ndarray], head: IctHead) -> np.ndarray:
    """Pearson r of mesh and tracked distances per clip, (clips, 3)."""
    return np.array(
        [
            [np.corrcoef(mesh, real)[0, 1] for mesh, real in zip(mesh_distances(w, head).T, tracked[c].T, strict=True)]
            for c, w in clips.items()
        ]
    )


def closures(clips: dict[str, np.ndarray], tracked: dict[str, np.ndarray], phones: dict, head: IctHead) -> np.ndarray:
    """Tightest tracked and mesh opening within each /p b m/, widened by a frame, (phones, 2) in outer-eye distances."""
    found = []
    for clip, weights in clips.items():
        mesh, real = mesh_distances(weights, head)[:, 0], tracked[clip][:, 0]
        for phone, start, end in phones[clip]:
            if phone in BILABIALS:
                first, last = int(start * grid.FPS - 1), int(np.ceil(end * grid.FPS)) + 1
                span = slice(max(first, 0), min(last, len(real)))
                if span.start < span.stop:
                    found.append((real[span].min(), mesh[span].min()))
    return np.array(found)


def activity(clips: dict[str, np.ndarray]) -> np.ndarray:
    """Mean and 95th percentile of each of the 61 channels, (61, 2)."""
    values = np.concatenate(list(clips.values()))
    return np.stack([values.mean(0), np.percentile(values, 95, axis=0)], axis=1)


def print_fit(title: str, clips: dict, tracked: dict, phones: dict | None, head: IctHead) -> None:
    """One block of figures."""
    r = correlations(clips, tracked, head)
    print(f"\n{title}: {len(clips)} clips")
    for k, name in enumerate(NAMES):
        print(f"  r {name:8s} mean {r[:, k].mean():.4f}  lowest 5 % {np.percentile(r[:, k], 5):.4f}")
    if phones is None:
        return
    real, mesh = closures(clips, tracked, phones, head).T
    shut = real < SHUT
    also = (mesh[shut] < SHUT).mean()
    print(f"  /p b m/: {len(real)}, shut in the video {shut.mean():.1%}, of these shut on the mesh {also:.1%}")
    print(f"  closure error |mesh - video| mean {100 * np.abs(mesh - real).mean():.2f} % of the outer-eye distance, "
          f"95th percentile {100 * np.percentile(np.abs(mesh - real), 95):.2f} %")  # fmt: skip


def plot_curves(path: Path, clips: list[str], targets: TargetSet, phones: dict, head: IctHead) -> None:
    """Solved against tracked distances of a few clips."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        3, len(clips), figsize=(4.6 * len(clips), 5.2), sharex="col", sharey="row", squeeze=False
    )
    for column, clip in enumerate(clips):
        times, mesh = targets.times(clip), mesh_distances(targets.clips[clip], head)
        for row, name in enumerate(NAMES):
            axis = axes[row, column]
            axis.plot(times, 100 * targets.distances[clip][:, row], color="0.6", lw=3, label="tracked in the video")
            axis.plot(times, 100 * mesh[:, row], color="tab:red", lw=1, label="solved weights on the mesh")
            axis.axhline(0, color="0.85", lw=0.5, zorder=0)
            if column == 0:
                axis.set_ylabel(f"{name}, %")
            for n, (phone, start, end) in enumerate(phones[clip]):
                if phone in BILABIALS:
                    axis.axvspan(start, end, color="tab:blue", alpha=0.2, lw=0)
                if row == 0 and phone != "SIL":
                    axis.text((start + end) / 2, 16.4 + 0.9 * (n % 2), phone, fontsize=5, ha="center")
        axes[0, column].set_title(f"{clip} ({'dev' if clip in targets.dev else 'train'})", fontsize=9, pad=16)
        axes[2, column].set_xlabel("seconds")
    axes[0, 0].set_ylim(-1.5, 16)
    axes[0, 0].legend(fontsize=6, loc="upper left", frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def plot_activity(path: Path, before: np.ndarray, after: np.ndarray) -> None:
    """95th percentile of the mouth's channels without and with priors."""
    import matplotlib.pyplot as plt

    columns = [LIVE_LINK.index(name) for name in solving.MOUTH]
    figure, axis = plt.subplots(figsize=(9, 3.4))
    place = np.arange(len(columns))
    axis.bar(place - 0.2, before[columns, 1], 0.4, color="0.7", label="ridge alone")
    axis.bar(place + 0.2, after[columns, 1], 0.4, color="tab:red", label="with priors")
    axis.set_xticks(place, list(solving.MOUTH), rotation=60, ha="right", fontsize=7)
    axis.set_ylabel("95th percentile of weight")
    axis.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def main() -> None:
    """Print the figures and draw the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of the data sets")
    parser.add_argument("--pictures", type=Path, default=Path("docs/pictures/evaluation"), help="folder for pictures")
    args = parser.parse_args()
    import matplotlib

    matplotlib.use("Agg")
    head = IctHead.load(args.data / "head_ict_facekit.npz")
    folder = args.data / "grid_s1"
    tracks, phones = grid.read_tracks(folder), grid.read_phones(folder)
    solved = make_grid(tracks, [list(tracks)], head, grid.read_split(folder))
    plain = solve_person(tracks, head.marked(), PLAIN, exclusive={}, symmetry=0.0, smooth=0.0)
    for title, clips in (("with priors", solved.clips), ("ridge alone", plain)):
        train = {c: w for c, w in clips.items() if c not in solved.dev}
        dev = {c: w for c, w in clips.items() if c in solved.dev}
        print_fit(f"grid_s1 train, {title}", train, solved.distances, phones, head)
        print_fit(f"grid_s1 dev, {title}", dev, solved.distances, phones, head)
    unseen = grid.read_unseen(args.data / "grid_unseen_dev")
    others = make_grid(unseen, [[name] for name in unseen], head, frozenset(unseen))
    for name in others.clips:
        print_fit(f"unseen {name}", {name: others.clips[name]}, others.distances, None, head)
    before = activity({c: w for c, w in plain.items() if c not in solved.dev})
    after = activity({c: w for c, w in solved.clips.items() if c not in solved.dev})
    print("\nactivity on grid_s1 train: mean / 95th percentile, ridge alone -> with priors")
    for name in solving.MOUTH:
        (m0, p0), (m1, p1) = before[LIVE_LINK.index(name)], after[LIVE_LINK.index(name)]
        print(f"  {name:20s} {m0:.3f} / {p0:.2f}  ->  {m1:.3f} / {p1:.2f}")
    args.pictures.mkdir(parents=True, exist_ok=True)
    chosen = [min(c for c in solved.clips if (c in solved.dev) == dev) for dev in (False, True)]
    plot_curves(args.pictures / "targets-curves.png", chosen, solved, phones, head)
    plot_activity(args.pictures / "targets-activity.png", before, after)


if __name__ == "__main__":
    main()
