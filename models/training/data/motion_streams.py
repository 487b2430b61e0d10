# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech with motion as cached streams at 50 frames per second, each clip in several voices.

``python -m facewright.models.training.data.motion_streams --data ../shared/data`` after ``face_curves``. A stream is
all clips of one source and variant after each other; ``edge`` marks the frames where a clip begins, across which
nothing is compared, and ``person`` tells whose motion it is.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from scipy.interpolate import PchipInterpolator

from facewright.inference.audio.mel import log_mel
from facewright.inference.core.channels import LIVE_LINK
from facewright.inference.core.timing import MOTION_FPS
from facewright.models.training.corpora import facegood, grid
from facewright.models.training.data.augment import levelled, varied
from facewright.models.training.heads.ict import IctHead
from facewright.models.training.labels import target_set
from facewright.models.training.labels.phonemes import labels

VARIANTS = {"grid": 4, "more": 8, "facegood": 4}  # the more of a source there is, the fewer; the first is as recorded
PEOPLE = ("s1", "s30", "s31", "s33", "s34", "facegood")


@dataclass(frozen=True, eq=False)
class Clip:
    """Sound and the motion seen with it.

    Parameters
    ----------
    samples : ndarray [shape=(n,)]
        Mono at 16 kHz.
    times : ndarray [shape=(F,)]
        Seconds of the motion's frames.
    motion : ndarray [shape=(F, 61)]
    distances : ndarray [shape=(F, 3)]
        Lip opening, mouth width, jaw less those of the closed mouth, see ``distances.py``.
    observed : ndarray [shape=(61,), bool]
        Channels that were measured; the others are not learned from this clip.
    phones : list of (ARPAbet, start s, end s)
        Empty where they are not known.
    person : str
        One of ``PEOPLE``.
    """

    samples: np.ndarray
    times: np.ndarray
    motion: np.ndarray
    distances: np.ndarray
    observed: np.ndarray
    phones: list[tuple[str, float, float]]
    person: str


@dataclass(frozen=True, eq=False)
class Stream:
    """N frames at 50 fps, see :class:`Clip`; ``edge`` is true where a clip begins."""

    mel: np.ndarray  # (2N, 80) float16
    motion: np.ndarray  # (N, 61)
    distances: np.ndarray  # (N, 3)
    observed: np.ndarray  # (N, 61) bool
    phones: np.ndarray  # (N,) int8, all silence where they are not known
    edge: np.ndarray  # (N,) bool
    person: np.ndarray  # (N,) int8, numbers of ``PEOPLE``

    def __len__(self) -> int:
        return len(self.motion)


def more_clips(data: Path, cache: Path) -> Iterator[Clip]:
    """The clips of the other GRID people to train on; of their phones nothing is known."""
    solved = target_set.read(cache / "targets" / "grid_more.npz")
    for name in sorted(solved.clips):
        samples, _ = grid.read_unseen_audio(data / "grid_more", name)
        person = grid.speaker_of(name).rstrip("b")  # s31b is s31 without glasses
        motion, distances = solved.clips[name], solved.distances[name]
        yield Clip(samples, solved.times(name), motion, distances, solved.observed, [], person)


def grid_clips(data: Path, cache: Path, names: list[str]) -> Iterator[Clip]:
    """These clips of GRID speaker s1, with the motion solved from video."""
    solved = target_set.read(cache / "targets" / "grid_s1.npz")
    phones = grid.read_phones(data / "grid_s1")
    for name in names:
        samples, _ = grid.read_audio(data / "grid_s1", name)
        motion, distances = solved.clips[name], solved.distances[name]
        yield Clip(samples, solved.times(name), motion, distances, solved.observed, phones[name], "s1")


def facegood_clips(data: Path, cache: Path) -> Iterator[Clip]:
    """FACEGOOD's takes but the one kept for evaluation."""
    solved = target_set.read(cache / "targets" / "facegood.npz")
    head = IctHead.load(data / "head_ict_facekit.npz")
    closed = head.distances(np.zeros((1, len(LIVE_LINK))))
    for name in sorted(set(solved.clips) - solved.dev):
        samples, _ = facegood.read_audio(data / "facegood", name)
        distances = head.distances(solved.clips[name]) - closed
        yield Clip(samples, solved.times(name), solved.clips[name], distances, solved.observed, [], "facegood")


def at_frames(clip: Clip, frames: int, rate: float) -> np.ndarray:
    """Motion and distances of the clip played ``rate`` times as fast, at 50 fps [shape=(frames, 61 + 3)].

    Piecewise cubic without overshoot, so that a closed mouth stays closed; held before the first and after the last.
    """
    times = np.clip(np.arange(frames) / MOTION_FPS * rate, clip.times[0], clip.times[-1])
    return PchipInterpolator(clip.times, np.hstack([clip.motion, clip.distances]), axis=0)(times).astype(np.float32)


def stream(clips: Iterable[Clip], variant: int) -> Stream:
    """Join the clips; variant 0 is the recordings as they are, every other one draws new voices and rooms."""
    parts = []
    for k, clip in enumerate(clips):
        samples, rate = levelled(clip.samples), 1.0
        if variant:
            samples, rate = varied(samples, np.random.default_rng([variant, k, 1]))
        mel = log_mel(samples).astype(np.float16)
        frames = len(mel) // 2
        motion, distances = np.split(at_frames(clip, frames, rate), [len(LIVE_LINK)], axis=1)
        observed = np.broadcast_to(clip.observed, (frames, len(LIVE_LINK)))
        phones = labels(clip.phones, frames, rate)
        person = np.full(frames, PEOPLE.index(clip.person), np.int8)
        parts.append((mel, motion, distances, observed, phones, np.arange(frames) == 0, person))
    return Stream(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def save(made: Stream, path: Path) -> None:
    """Write a stream as .npz."""
    np.savez(path, **vars(made))


def load(path: Path) -> Stream:
    """Read what :func:`save` wrote."""
    with np.load(path) as file:
        return Stream(**{field.name: file[field.name] for field in fields(Stream)})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    arguments = parser.parse_args()
    data, cache, out = arguments.data, arguments.cache, arguments.cache / "motion"
    out.mkdir(parents=True, exist_ok=True)
    train, choose = grid.grid_split(data)
    save(stream(grid_clips(data, cache, choose), 0), out / "grid_val.npz")
    sources = {
        "grid": list(grid_clips(data, cache, train)),
        "more": list(more_clips(data, cache)),
        "facegood": list(facegood_clips(data, cache)),
    }
    for name, clips in sources.items():
        for variant in range(VARIANTS[name]):
            save(stream(clips, variant), out / f"{name}{variant}.npz")
    print(f"motion streams written to {out}")


if __name__ == "__main__":
    main()
