# SPDX-License-Identifier: GPL-3.0-or-later
"""First stage of the motion model: the memory learns how what the ears hear moves a face on the whole.

``python -m facewright.models.training.stages.train_memory`` after ``train_ears``, ``motion_streams`` and
``train_teacher``. The ears are frozen, and what they hear is computed once. What differs between people is kept apart
from what is learned: see ``people``.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facewright.inference.core.channels import PHONES
from facewright.models.networks.ears import PhoneEars, load_ears
from facewright.models.networks.memory import Memory
from facewright.models.training.data.heard import Heard, clips, hear
from facewright.models.training.data.motion_streams import Stream, load
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.windows import Picks, sources, taught_stream
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.stages.losses import MotionLoss
from facewright.models.training.stages.options import run
from facewright.models.training.stages.people import People
from facewright.models.training.stages.steps import averaged, descend, paced, schedule

BATCH, STEPS, RATE = 24, 3000, 1.5e-3
SHORTEST = 50  # frames of a clip that is measured


@torch.no_grad()
def correlations(memory: Memory, mesh: MouthMesh, heard: Heard, stream: Stream) -> np.ndarray:
    """Mean over clips of the correlation of opening, width and jaw [shape=(3,)]."""
    r = []
    for part in clips(stream):
        if part.stop - part.start >= SHORTEST:
            features, logits = heard.windows(part)
            motion, _ = memory(features[None], logits[None], torch.ones(1, len(PHONES)))
            have, want = mesh.distances(motion)[0].numpy(), stream.distances[part]
            r.append([np.corrcoef(have[:, k], want[:, k])[0, 1] for k in range(3)])
    return np.nanmean(r, axis=0)


@dataclass(frozen=True, eq=False)
class Lesson:
    """A batch of windows: their sound, what is heard of it, whose they are, and the answers (`windows.truth`)."""

    mel: np.ndarray
    features: Tensor
    logits: Tensor
    people: Tensor
    answers: tuple[Tensor, ...]


class Lessons:
    """Random windows of streams, in their shares, heard by frozen ears."""

    def __init__(self, ears: PhoneEars, streams: dict[str, list[Stream]], folder: Path, seed: int) -> None:
        self.heard = [hear(ears, stream, folder) for some in streams.values() for stream in some]
        self.picks = Picks(streams, seed, BATCH)

    def __iter__(self) -> Iterator[Lesson]:
        """Batches without end."""
        while True:
            which, parts, answers = self.picks.draw()
            given = [self.heard[k].windows(part) for k, part in zip(which, parts, strict=True)]
            features, logits = (torch.stack(column) for column in zip(*given, strict=True))
            yield Lesson(self.picks.mel(which, parts), features, logits, self.picks.people(which, parts), answers)


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train, print correlations on held-out clips and voices, save the moving average."""
    torch.manual_seed(seed)
    mesh = MouthMesh(data / "head_ict_facekit.npz")
    streams = sources(mesh, cache, load_noise(cache / "phones"), seed)
    loss = MotionLoss(mesh, streams["grid"][0].motion.std(axis=0))
    ears, folder = load_ears(cache / "ears.pt"), cache / "features"
    lessons = Lessons(ears, streams, folder, seed)
    held_out = {
        "s1": load(cache / "motion" / "grid_val.npz"),
        "teacher's motion in unseen voices": taught_stream(cache, mesh, "ocean_val"),
    }
    tests = {name: (hear(ears, stream, folder), stream) for name, stream in held_out.items()}
    memory, people = Memory(width=ears.width), People()
    average = averaged(memory)
    optimiser = torch.optim.AdamW([*memory.parameters(), *people.parameters()], lr=RATE, weight_decay=0.02)
    plan = schedule(optimiser, steps, 100)
    neutral = torch.ones(BATCH, len(PHONES))
    begin, losses = time.monotonic(), []
    for step, lesson in paced(lessons, steps):
        read = memory.train().read(lesson.features, lesson.logits, neutral)
        value = loss(people(memory, read, lesson.people), *lesson.answers) + people.cost()
        descend(optimiser, value, 2.0)
        plan.step()
        average.update_parameters(memory)
        losses.append(value.item())
        if step % 250 == 0 or step == steps:
            kept = average.module.eval()
            rows = "; ".join(f"{n} {np.round(correlations(kept, mesh, *test), 3)}" for n, test in tests.items())
            took = time.monotonic() - begin
            print(f"step {step}, {took:.0f} s, loss {np.mean(losses[-250:]):.3f}, {rows}", flush=True)
    print(f"sizes of jaw and lips: {people.told()}")
    torch.save({"memory": average.module.state_dict(), "people": people.state_dict()}, cache / "memory.pt")


if __name__ == "__main__":
    run(train, __doc__, STEPS)
