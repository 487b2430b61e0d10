# SPDX-License-Identifier: GPL-3.0-or-later
"""A system on the test bench: its motion for a sound, on the ICT head."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from facewright.inference import Audio, animate
from facewright.inference.core.channels import LIVE_LINK
from facewright.inference.core.motion import Motion
from facewright.inference.core.timing import MOTION_FPS
from facewright.inference.policy.predictor import Predictor
from facewright.models.training.corpora.speechocean import Utterance
from facewright.models.training.evaluation.figures.signals import best_lag
from facewright.models.training.evaluation.recordings import PEER_CLIPS, Clip, Recordings


class Animator(Protocol):
    """Whatever makes motion from sound."""

    def __call__(self, samples: np.ndarray, seed: int = 0) -> Motion:
        """Motion of mono 16 kHz samples [shape=(n,), float32]."""
        ...

    def seconds(self, samples: np.ndarray) -> float:
        """Wall time that a sound takes, warm."""
        ...


class Product:
    """What a user gets: `animate`, layers and all, at the model's own 50 frames per second."""

    def __init__(self, predictor: Predictor) -> None:
        self._predictor = predictor

    def __call__(self, samples: np.ndarray, seed: int = 0) -> Motion:
        """Motion of a sound."""
        return animate(Audio(samples), fps=MOTION_FPS, seed=seed, predictor=self._predictor)

    def seconds(self, samples: np.ndarray) -> float:
        """Median of five runs."""
        taken = []
        for _ in range(5):
            begin = time.perf_counter()
            self(samples)
            taken.append(time.perf_counter() - begin)
        return float(np.median(taken))


@dataclass(frozen=True, eq=False)
class Take:
    """A clip, its predicted motion, and the distances (F, 3) of that on the ICT head at the video's times."""

    clip: Clip
    motion: Motion
    predicted: np.ndarray


class Bench:
    """One system: the product, or a peer beside it.

    Parameters
    ----------
    recordings : Recordings
        What it is measured on.
    predictor : Predictor
        The product's model; of a peer's bench only for its phone posteriors, with which LibriVox is aligned.
    peer : Animator, optional
        The peer. Without one the product is measured.
    """

    def __init__(self, recordings: Recordings, predictor: Predictor, peer: Animator | None = None) -> None:
        self.recordings, self.predictor, self.is_peer = recordings, predictor, peer is not None
        self.animator: Animator = peer or Product(predictor)
        self._made: dict[tuple[str, int], Motion] = {}

    def animate(self, samples: np.ndarray, seed: int = 0) -> Motion:
        """Motion of a sound; the same sound and seed are animated once."""
        key = hashlib.sha256(samples.tobytes()).hexdigest(), seed
        if key not in self._made:
            self._made[key] = self.animator(samples, seed)
        return self._made[key]

    def read(self) -> list[Utterance]:
        """Read English; a peer, which may be slow, gets the first clips of it only, a third."""
        clips = self.recordings.read_test
        return clips[:PEER_CLIPS] if self.is_peer else clips

    def distances(self, motion: Motion, times: np.ndarray) -> np.ndarray:
        """Opening, width, jaw of the ICT head at these seconds, less those at rest [shape=(F, 3)]."""
        return self.recordings.head.distances(motion.select(LIVE_LINK).at(times)) - self.recordings.rest

    def vertices(self, motion: Motion, times: np.ndarray, subset: list[int]) -> np.ndarray:
        """Vertices of the ICT head at these seconds [shape=(F, len(subset), 3)], metres."""
        return self.recordings.head.vertices(motion.select(LIVE_LINK).at(times), subset) / 100

    def take(self, clip: Clip, seed: int = 0) -> Take:
        """Predict a tracked clip."""
        motion = self.animate(clip.samples, seed)
        return Take(clip, motion, self.distances(motion, clip.times))

    def lag(self, take: Take) -> float:
        """Seconds by which the lip opening has to be shifted to fit the tracked one best; positive when too early."""
        clip = take.clip
        return best_lag(lambda times: self.distances(take.motion, times)[:, 0], clip.times, clip.tracked[:, 0])

    def seen(self) -> list[Take]:
        """Takes of the person models are trained on."""
        return [self.take(clip) for clip in self.recordings.seen]

    def unseen(self) -> list[Take]:
        """Takes of people no model saw."""
        return [self.take(clip) for clip in self.recordings.unseen]
