# SPDX-License-Identifier: GPL-3.0-or-later
"""Measure a released model on people and takes it never saw: ``make evaluate``.

``python -m facewright.models.training.evaluate --data ../shared/data [--model first] [--plots docs/pictures]``

Predicted weights are put on the ICT head, and its lip opening, mouth width and jaw (``distances.py``) are compared
with those tracked in the video, at the video's frame times. Nothing is fitted: not scale, not offset, not delay. Needs
NumPy, onnxruntime and soundfile, no torch.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

from facewright.inference import Audio, animate
from facewright.inference.audio import RATE
from facewright.inference.channels import LIVE_LINK
from facewright.inference.features import MOTION_FPS
from facewright.inference.motion import Motion
from facewright.inference.predictor import Predictor, load_predictor
from facewright.models.training import distances, facegood, grid, speechocean
from facewright.models.training.ict import IctHead
from facewright.models.training.landmarks import Tracks, stabilise, template

LAGS = np.arange(-0.2, 0.2001, 0.01)  # seconds tried for the best lag
SHUT = 0.011  # outer-eye distances, about 1 mm on a face: lips count as closed
REACH = 0.033  # seconds around an aligned phone in which its closure may lie
SETTLED = 0.2  # seconds after speech until silence should be still
BILABIALS = ("P", "B", "M")
NOT_CLOSING = ("T", "D", "K", "G", "S", "Z", "CH", "JH", "N", "L", "TH", "DH", "Y", "HH", "SH")


@dataclass(frozen=True, eq=False)
class Take:
    """One clip: predicted and tracked distances (F, 3) at the video's times, less the closed mouth's."""

    name: str
    motion: Motion
    times: np.ndarray
    predicted: np.ndarray
    tracked: np.ndarray


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's r; 0 where one does not move."""
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 1e-6 and b.std() > 1e-6 else 0.0


class Bench:
    """The model, the head it is measured on, and where the data lies."""

    def __init__(self, predictor: Predictor, data: Path) -> None:
        self.predictor, self.data = predictor, data
        self.head = IctHead.load(data / "head_ict_facekit.npz")
        self.rest = self.head.distances(np.zeros((1, len(LIVE_LINK))))

    def animate(self, samples: np.ndarray) -> Motion:
        """What a user gets, layers and all, at the model's own rate."""
        return animate(Audio(samples), fps=MOTION_FPS, seed=0, predictor=self.predictor)

    def mesh(self, motion: Motion, times: np.ndarray) -> np.ndarray:
        """Opening, width, jaw of the ICT head at these seconds, less those at rest [shape=(F, 3)]."""
        return self.head.distances(motion.select(LIVE_LINK).at(times)) - self.rest

    def take(self, name: str, samples: np.ndarray, tracks: Tracks, mean: np.ndarray) -> Take:
        """Predict a tracked clip."""
        motion = self.animate(samples)
        tracked = distances.from_landmarks(stabilise(tracks, mean).face)
        closed = tracked[tracked[:, 0] <= np.quantile(tracked[:, 0], 0.1)].mean(axis=0)
        times = (np.arange(len(tracked)) + 0.5) / tracks.fps
        return Take(name, motion, times, self.mesh(motion, times), tracked - closed)

    def seen_person(self) -> list[Take]:
        """The clips of s1 that were never trained on."""
        folder = self.data / "grid_s1"
        tracks = grid.read_tracks(folder)
        mean = template(list(tracks.values()))
        dev = sorted(grid.read_split(folder) & set(tracks))
        return [self.take(clip, grid.read_audio(folder, clip)[0], tracks[clip], mean) for clip in dev]

    def unseen_people(self) -> list[Take]:
        """One clip each of four people the model never heard."""
        folder = self.data / "grid_unseen_dev"
        tracks = grid.read_unseen(folder)
        return [
            self.take(clip, sf.read(folder / f"{clip}.wav", dtype="float32")[0], own, template([own]))
            for clip, own in tracks.items()
        ]

    def best_lag(self, take: Take) -> float:
        """Seconds by which the prediction should be shifted to fit best; positive means it comes too early."""
        r = [correlation(self.mesh(take.motion, take.times - lag)[:, 0], take.tracked[:, 0]) for lag in LAGS]
        return float(LAGS[int(np.argmax(r))])

    def row(self, name: str, takes: list[Take]) -> dict[str, float | str]:
        """Means over the takes; the size ratio is a median."""
        r = np.array([[correlation(t.predicted[:, k], t.tracked[:, k]) for k in range(3)] for t in takes])
        size = np.median([t.predicted[:, 0].std() / t.tracked[:, 0].std() for t in takes])
        lag = 1000 * np.mean([self.best_lag(t) for t in takes])
        return {"set": name, "opening": r[:, 0].mean(), "jaw": r[:, 2].mean(), "width": r[:, 1].mean(),
                "size": size, "lag": lag}  # fmt: skip


def facegood_row(bench: Bench, take: str = "3_16") -> dict[str, float | str]:
    """Jaw and mean r of the mouth channels that move in FACEGOOD's kept take."""
    folder = bench.data / "facegood"
    motion = bench.animate(facegood.read_audio(folder, take)[0])
    curves = facegood.read_curves(folder)[take]
    times = (np.arange(len(next(iter(curves.values())))) + 0.5) / facegood.FPS
    values = motion.at(times)
    jaw = correlation(bench.mesh(motion, times)[:, 2], curves["mouth_stretch_c"])
    r = []
    for channel, parts in facegood.MIX.items():
        wanted = np.sum([share * curves[curve] for curve, share in parts.items()], axis=0)
        if wanted.std() > 0.02:
            r.append(correlation(values[:, LIVE_LINK.index(channel)], wanted))
    return {"set": f"facegood {take}", "jaw": jaw, "channels": float(np.mean(r))}


def silence_speed(bench: Bench, takes: list[Take]) -> tuple[float, float]:
    """Mean speed of the lip opening in aligned silence, predicted and tracked, in outer-eye distances per second."""
    phones = grid.read_phones(bench.data / "grid_s1")
    speeds = []
    for take in takes:
        silent = np.zeros(len(take.times), dtype=bool)
        for phone, begin, end in phones[take.name]:
            if phone == "SIL":
                first = begin if begin == 0 else begin + SETTLED
                silent |= (take.times >= first) & (take.times < end - SETTLED)
        both = silent[1:] & silent[:-1]
        for curve in (take.predicted, take.tracked):
            speeds.append(np.abs(np.diff(curve[:, 0]))[both] / np.diff(take.times)[both])
    return float(np.concatenate(speeds[::2]).mean()), float(np.concatenate(speeds[1::2]).mean())


def noise_speed(bench: Bench) -> float:
    """The same for ten seconds each of digital silence, quiet and loud noise."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal(160_000).astype(np.float32)
    motions = [bench.animate(level * noise) for level in (0.0, 0.001, 0.03)]
    openings = [bench.mesh(motion, motion.times)[:, 0] for motion in motions]
    return float(np.mean([np.abs(np.diff(opening)).mean() * motions[0].fps for opening in openings]))


def closures(clips: list[tuple[list[tuple[str, float, float]], np.ndarray, np.ndarray]]) -> tuple[float, float]:
    """Fraction of aligned /p b m/ on which the lips meet, and of other consonants far from those on which they do.

    Parameters
    ----------
    clips : list of (phones, times, opening)
    """
    shut, false = [], []
    for phones, times, opening in clips:
        for k, (phone, begin, end) in enumerate(phones):
            near = {p for p, _, _ in phones[max(k - 1, 0) : k + 2]}
            if phone in BILABIALS:
                inside = opening[(times >= begin - REACH) & (times <= end + REACH)]
                shut.append(inside.min(initial=np.inf) <= SHUT)
            elif phone in NOT_CLOSING and not near & {*BILABIALS, "SIL"}:
                inside = opening[(times >= begin) & (times <= end)]
                false.append(inside.min(initial=np.inf) <= SHUT)
    return float(np.mean(shut)), float(np.mean(false))


def closure_lines(bench: Bench, seen: list[Take]) -> list[str]:
    """Closures of s1, tracked and predicted, and of read English in voices never heard."""
    phones = grid.read_phones(bench.data / "grid_s1")
    read = []
    folder = bench.data / "speechocean762"
    for utterance in speechocean.read(folder, speechocean.split(folder)[1]):
        motion = bench.animate(utterance.samples)
        read.append((utterance.phones, motion.times, bench.mesh(motion, motion.times)[:, 0]))
    sets = {
        "s1 dev, tracked": [(phones[t.name], t.times, t.tracked[:, 0]) for t in seen],
        "s1 dev": [(phones[t.name], t.motion.times, bench.mesh(t.motion, t.motion.times)[:, 0]) for t in seen],
        "read English, 21 speakers of speechocean762 never heard": read,
    }
    rows = {name: closures(clips) for name, clips in sets.items()}
    return [f"lips meet on p b m: {a:.2f}, on other consonants: {b:.2f} ({name})" for name, (a, b) in rows.items()]


def seconds_per_second(bench: Bench, takes: list[Take]) -> float:
    """Wall time per second of speech, warm, over a minute of clips joined."""
    folder = bench.data / "grid_s1"
    sound = np.concatenate([grid.read_audio(folder, take.name)[0] for take in takes[:20]])
    begin = time.perf_counter()
    bench.animate(sound)
    return (time.perf_counter() - begin) / (len(sound) / RATE)


def plot(takes: list[Take], path: Path) -> None:
    """Predicted over tracked curves, a picture per distance and take."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(len(takes), 3, figsize=(13, 2.1 * len(takes)), squeeze=False, sharex=True)
    for row, take in zip(axes, takes, strict=True):
        for k, (axis, name) in enumerate(zip(row, distances.NAMES, strict=True)):
            axis.plot(take.times, take.tracked[:, k], color="0.6", linewidth=2.5, label="tracked")
            axis.plot(take.times, take.predicted[:, k], color="tab:red", linewidth=1.2, label="predicted")
            axis.set_title(
                f"{take.name}: {name}, r = {correlation(take.predicted[:, k], take.tracked[:, k]):.2f}", size=9
            )
            axis.tick_params(labelsize=7)
    axes[0, 0].legend(fontsize=7)
    axes[-1, 0].set_xlabel("seconds", size=8)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=70)
    plt.close(figure)


def report(bench: Bench, seen: list[Take], unseen: list[Take]) -> str:
    """The table."""
    rows = [bench.row("grid_s1 dev", seen), *(bench.row(f"  {t.name}", [t]) for t in unseen)]
    rows.append(bench.row("grid_unseen_dev", unseen))
    rows.append(facegood_row(bench))
    columns = {
        "opening": ("opening r", ".3f"),
        "jaw": ("jaw r", ".3f"),
        "width": ("width r", ".3f"),
        "size": ("size ratio", ".2f"),
        "lag": ("best lag ms", ".0f"),
        "channels": ("channels r", ".3f"),
    }
    lines = [f"{'set':<18}" + "".join(f"{title:>13}" for title, _ in columns.values())]
    for row in rows:
        cells = [f"{row[key]:>13{form}}" if key in row else " " * 13 for key, (_, form) in columns.items()]
        lines.append(f"{row['set']:<18}" + "".join(cells))
    predicted, tracked = silence_speed(bench, seen)
    lines += [
        "",
        f"lip speed in silence, outer-eye distances per s: {predicted:.4f} (tracked {tracked:.4f}); "
        f"in silence and noise without speech {noise_speed(bench):.4f}",
        *closure_lines(bench, seen),
        f"seconds per second of speech, whole sound, {bench.predictor.provider}: {seconds_per_second(bench, seen):.4f}",
    ]
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--model", default=None, help="folder of models/released, or a path")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--plots", type=Path, help="folder for the pictures of the curves")
    arguments = parser.parse_args()
    bench = Bench(load_predictor(arguments.model, arguments.device), arguments.data)
    card = bench.predictor.card
    seen, unseen = bench.seen_person(), bench.unseen_people()
    print(f"model {card.name} {card.version} ({card.family}); r is the mean over clips, size ratio their median\n")
    print(report(bench, seen, unseen))
    if arguments.plots:
        plot(unseen, arguments.plots / "model-unseen.png")
        plot(seen[:4], arguments.plots / "model-s1.png")


if __name__ == "__main__":
    main()
