# SPDX-License-Identifier: GPL-3.0-or-later
"""Random windows of everything that has motion, in fixed shares, the way every stage of training sees them.

s1 (tracked video), FACEGOOD (artist-solved), 250 other and synthetic voices with the teacher's mouth, noise with a
still face.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facewright.inference.audio.mel import FLOOR
from facewright.inference.core.channels import BILABIALS, LIVE_LINK, PHONES
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.training.data.augment import MelAugment
from facewright.models.training.data.motion_streams import FACEGOOD_VARIANTS, GRID_VARIANTS, Stream, load
from facewright.models.training.data.phone_streams import VARIANTS
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.labels.phonemes import SILENCE, labels

WINDOW = 150
SHARES = {"grid": 0.38, "facegood": 0.18, "ocean": 0.27, "synth": 0.12, "still": 0.05}
FROM_SILENCE = 0.6  # of the windows of short clips begin somewhere in the silence before the first word, as files do
GAIN = (-6.0, 6.0)  # dB around the level that inference brings speech to: how wide a mouth opens goes with loudness
STILL_FRAMES = 20_000
TAUGHT = ("ocean", "synth")  # voices without motion, which have the teacher's
BILABIAL_COLUMNS = [PHONES.index(phone) for phone in BILABIALS]


def taught_stream(cache: Path, mesh: MouthMesh, name: str) -> Stream:
    """Voices without motion, with the teacher's mouth; brows, eyes and head are not learned from it."""
    motion = np.load(cache / "motion" / f"{name}.npy").astype(np.float32)
    with torch.no_grad():
        made = [mesh.distances(part) for part in torch.from_numpy(motion).split(20_000)]
    observed = np.broadcast_to(np.array(IS_MOUTH), motion.shape)
    mel = np.load(cache / "phones" / f"{name}.mel.npy", mmap_mode="r")
    phones = np.load(cache / "phones" / f"{name}.phones.npy")
    return Stream(mel, motion, torch.cat(made).numpy(), observed, phones, np.zeros(len(motion), dtype=bool))


def still_stream(noise: list[np.ndarray], seed: int) -> Stream:
    """Silence and noise without speech (no babble), at any level, with closed, still lips."""
    rng = np.random.default_rng(seed)
    parts = [np.full((2000, noise[0].shape[1]), np.log(FLOOR))]
    while sum(map(len, parts)) < 2 * STILL_FRAMES:
        source = noise[rng.integers(len(noise) - 1)]
        start, size = rng.integers(len(source) - 1000), rng.integers(100, 1000)
        level = rng.uniform(-12.0, 2.0)
        parts.append(np.logaddexp(source[start : start + size] + level, np.log(FLOOR)))
    mel = np.concatenate(parts)[: 2 * STILL_FRAMES].astype(np.float16)
    motion = np.zeros((STILL_FRAMES, len(LIVE_LINK)), dtype=np.float32)
    observed = np.broadcast_to(np.array(IS_MOUTH), motion.shape)
    nothing = np.zeros(STILL_FRAMES, dtype=bool)
    return Stream(mel, motion, np.zeros((STILL_FRAMES, 3), np.float32), observed, labels([], STILL_FRAMES), nothing)


def truth(streams: list[Stream], which: np.ndarray, parts: list[slice]) -> tuple[Tensor, ...]:
    """Motion, distances, observed, bilabial and valid of windows, as float tensors: see ``MotionLoss``."""
    names = ("motion", "distances", "observed", "phones", "edge")
    rows = [[getattr(streams[k], name)[part] for k, part in zip(which, parts, strict=True)] for name in names]
    motion, distances, observed, phones, edge = (torch.from_numpy(np.stack(row).astype(np.float32)) for row in rows)
    edge[:, 0] = 0.0
    bilabial = torch.isin(phones, torch.tensor(BILABIAL_COLUMNS, dtype=phones.dtype)).float()
    return motion, distances, observed, bilabial, (edge.cumsum(dim=1) == 0).float()


class Picks:
    """Random parts of all streams, in the shares of ``SHARES``, and the truth of their motion."""

    def __init__(self, sources: dict[str, list[Stream]], seed: int, batch: int) -> None:
        self.streams = [stream for streams in sources.values() for stream in streams]
        self.share = np.array([SHARES[name] / len(streams) for name, streams in sources.items() for _ in streams])
        self.share /= self.share.sum()
        self.edges = [np.flatnonzero(stream.edge) for stream in self.streams]
        self.size = batch
        self.rng = np.random.default_rng(seed)

    def draw(self) -> tuple[np.ndarray, list[slice], tuple[Tensor, ...]]:
        """Numbers of streams, parts of them, and the truth; what lies behind a clip's end is not valid."""
        which = self.rng.choice(len(self.streams), size=self.size, p=self.share)
        parts = [slice(start, start + WINDOW) for start in (self._start(k) for k in which)]
        return which, parts, truth(self.streams, which, parts)

    def _start(self, k: int) -> int:
        last = len(self.streams[k]) - WINDOW
        if len(self.edges[k]) < 100:  # long takes
            return int(self.rng.integers(last))
        start = int(self.rng.choice(self.edges[k]))
        spoken = np.flatnonzero(self.streams[k].phones[start : start + WINDOW] != SILENCE)
        silence = int(spoken[0]) if len(spoken) else 0
        reach = silence + 1 if self.rng.random() < FROM_SILENCE else 100
        return min(start + int(self.rng.integers(reach)), last)


class Windows(Picks):
    """The same with their sound, spoilt as `augment` does."""

    def __init__(self, sources: dict[str, list[Stream]], augment: MelAugment, seed: int, batch: int) -> None:
        super().__init__(sources, seed, batch)
        self.known = np.array([name != "facegood" for name, streams in sources.items() for _ in streams])
        self.augment = augment

    def batch(self) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, ...]]:
        """Mel, phones, which windows have known phones, and the truth of the motion."""
        which, parts, answers = self.draw()
        mel = np.stack([self.streams[k].mel[2 * p.start : 2 * p.stop] for k, p in zip(which, parts, strict=True)])
        phones = np.stack([self.streams[k].phones[p] for k, p in zip(which, parts, strict=True)])
        return (
            torch.from_numpy(self.augment(mel.astype(np.float32))),
            torch.from_numpy(phones.astype(np.int64)),
            torch.from_numpy(self.known[which]),
            answers,
        )


def sources(mesh: MouthMesh, cache: Path, noise: list[np.ndarray], seed: int) -> dict[str, list[Stream]]:
    """Every stream by its source."""
    streams = {"grid": [load(cache / "motion" / f"grid{v}.npz") for v in range(GRID_VARIANTS)]}
    streams["facegood"] = [load(cache / "motion" / f"facegood{v}.npz") for v in range(FACEGOOD_VARIANTS)]
    for name in TAUGHT:
        streams[name] = [taught_stream(cache, mesh, f"{name}{variant}") for variant in range(VARIANTS)]
    streams["still"] = [still_stream(noise, seed)]
    return streams
