# SPDX-License-Identifier: GPL-3.0-or-later
"""Random windows of everything that has motion, in fixed shares, the way every stage of training sees them.

s1 and four more people (tracked video), FACEGOOD (artist-solved), 270 other and synthetic voices with the teacher's
mouth, noise with a still face.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from facewright.inference.audio.mel import FLOOR
from facewright.inference.core.channels import BILABIALS, HEAD, LIVE_LINK, PHONES
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.training.data import motion_streams, phone_streams
from facewright.models.training.data.motion_streams import PEOPLE, Stream, load
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.labels.phonemes import SILENCE, labels

WINDOW = 150
SHARES = {
    "grid": 0.30, "more": 0.16, "facegood": 0.14, "libri": 0.13, "ocean": 0.10, "kokoro": 0.08, "synth": 0.05,
    "still": 0.04,
}  # fmt: skip
FROM_SILENCE = 0.6  # of the windows of short clips begin somewhere in the silence before the first word, as files do
GAIN = (-6.0, 6.0)  # dB around the level that inference brings speech to: how wide a mouth opens goes with loudness
STILL_FRAMES = 20_000
STEADY = 3.0  # frames, 60 ms: standard deviation of what head and brows are smoothed by
TAUGHT = ("libri", "ocean", "kokoro", "synth")  # voices without motion, which have the teacher's
BLOCK, TAUGHT_FRAMES = 600, 90_000  # of each variant of a source with the teacher's motion so many, in such blocks
BILABIAL_COLUMNS = [PHONES.index(phone) for phone in BILABIALS]


def taught_stream(cache: Path, mesh: MouthMesh, name: str) -> Stream:
    """Voices without motion, with the teacher's mouth; brows, eyes and head are not learned from it.

    Of a long stream so many blocks as make ``TAUGHT_FRAMES`` are taken, spread over all of it.
    """
    whole = np.load(cache / "motion" / f"{name}.npy", mmap_mode="r")
    blocks = len(whole) // BLOCK
    taken = np.unique(np.linspace(0, blocks - 1, min(blocks, TAUGHT_FRAMES // BLOCK)).astype(int))
    frames = (BLOCK * taken[:, None] + np.arange(BLOCK)).ravel()
    motion = whole[frames].astype(np.float32)
    with torch.no_grad():
        made = [mesh.distances(part) for part in torch.from_numpy(motion).split(20_000)]
    observed = np.broadcast_to(np.array(IS_MOUTH), motion.shape)
    mel = np.load(cache / "phones" / f"{name}.mel.npy", mmap_mode="r")
    mel = np.concatenate([mel[2 * BLOCK * block : 2 * BLOCK * (block + 1)] for block in taken])
    phones = np.load(cache / "phones" / f"{name}.phones.npy")[frames]
    person = np.full(len(motion), PEOPLE.index("s1"), np.int8)
    return Stream(mel, motion, torch.cat(made).numpy(), observed, phones, np.arange(len(motion)) % BLOCK == 0, person)


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
    distances, person = np.zeros((STILL_FRAMES, 3), np.float32), np.zeros(STILL_FRAMES, np.int8)
    return Stream(mel, motion, distances, observed, labels([], STILL_FRAMES), nothing, person)


def steadied(stream: Stream) -> Stream:
    """The stream with head and brows as smooth as they move: what is quicker is the tracker's trembling."""
    columns = [LIVE_LINK.index(name) for name in LIVE_LINK if name in HEAD or name.startswith("brow")]
    motion = stream.motion.copy()
    for begin, end in pairwise([*np.flatnonzero(stream.edge), len(stream)]):
        motion[begin:end, columns] = gaussian_filter1d(motion[begin:end, columns], STEADY, axis=0, mode="nearest")
    return replace(stream, motion=motion)


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

    def mel(self, which: np.ndarray, parts: list[slice]) -> np.ndarray:
        """The sound of windows [shape=(B, 300, 80), float32]."""
        mel = [self.streams[k].mel[2 * part.start : 2 * part.stop] for k, part in zip(which, parts, strict=True)]
        return np.stack(mel).astype(np.float32)

    def people(self, which: np.ndarray, parts: list[slice]) -> Tensor:
        """Whose motion the windows hold, numbers of ``PEOPLE`` [shape=(B,)]."""
        return torch.tensor([int(self.streams[k].person[part.start]) for k, part in zip(which, parts, strict=True)])

    def _start(self, k: int) -> int:
        last = len(self.streams[k]) - WINDOW
        stream, edges = self.streams[k], self.edges[k]
        if len(stream) > 2 * WINDOW * len(edges) or not (stream.phones != SILENCE).any():  # long takes, unknown phones
            return int(self.rng.integers(last))
        start = int(self.rng.choice(self.edges[k]))
        spoken = np.flatnonzero(self.streams[k].phones[start : start + WINDOW] != SILENCE)
        silence = int(spoken[0]) if len(spoken) else 0
        reach = silence + 1 if self.rng.random() < FROM_SILENCE else 100
        return min(start + int(self.rng.integers(reach)), last)


def sources(mesh: MouthMesh, cache: Path, noise: list[np.ndarray], seed: int) -> dict[str, list[Stream]]:
    """Every stream by its source."""
    streams = {
        name: [steadied(load(cache / "motion" / f"{name}{variant}.npz")) for variant in range(count)]
        for name, count in motion_streams.VARIANTS.items()
    }
    for name in TAUGHT:
        streams[name] = [taught_stream(cache, mesh, f"{name}{variant}") for variant in range(phone_streams.VARIANTS)]
    streams["still"] = [still_stream(noise, seed)]
    return streams
