# SPDX-License-Identifier: GPL-3.0-or-later
"""Second stage: everything is frozen, and the style encoder learns which gains of the memory fit which voice.

``python -m facewright.models.training.stages.train_style`` after ``train_memory``. Six people come with a motion of
their own, the 270 other voices with the teacher's, which is the first one's: so styles tell those six apart, and say
little of other voices. After MemoryTalker's second stage (https://arxiv.org/abs/2507.20562): motion loss and a triplet.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facewright.models.networks.ears import load_ears
from facewright.models.networks.style import StyleEncoder
from facewright.models.training.data.augment import MelAugment
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.windows import GAIN, sources
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.stages.losses import MotionLoss
from facewright.models.training.stages.options import run
from facewright.models.training.stages.people import load
from facewright.models.training.stages.steps import descend, paced
from facewright.models.training.stages.train_memory import Lessons

STEPS, RATE = 350, 1e-3
MARGIN = 1.0  # between gains of two people, as a distance over the 40 slots
TRIPLET_WEIGHT, NEUTRAL_WEIGHT = 0.3, 0.02


def triplet(style: Tensor, person: Tensor) -> Tensor:
    """How much nearer another person's gains are than one's own, over all triplets of a batch."""
    apart = torch.cdist(style, style)  # (B, B)
    same = person[:, None] == person[None]
    wrong = functional.relu(apart[:, :, None] - apart[:, None, :] + MARGIN)
    counted = same[:, :, None] & ~same[:, None, :]
    return wrong[counted].mean() if counted.any() else style.new_zeros(())


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train on the people who come with their own motion; save."""
    torch.manual_seed(seed)
    noise = load_noise(cache / "phones")
    mesh = MouthMesh(data / "head_ict_facekit.npz")
    every = sources(mesh, cache, noise, seed)
    streams = {name: every[name] for name in ("grid", "more", "facegood")}
    loss = MotionLoss(mesh, streams["grid"][0].motion.std(axis=0))
    ears = load_ears(cache / "ears.pt")
    lessons, spoil = Lessons(ears, streams, cache / "features", seed), MelAugment(noise, seed, GAIN)
    memory, people = load(cache, ears.width)
    style = StyleEncoder(ears.ears.mean, ears.ears.std)
    optimiser = torch.optim.AdamW(style.parameters(), lr=RATE, weight_decay=0.02)
    begin, losses = time.monotonic(), []
    for step, lesson in paced(lessons, steps):
        gains = style(torch.from_numpy(spoil(lesson.mel)))
        motion = people(memory, memory.read(lesson.features, lesson.logits, gains), lesson.people)
        apart = triplet(gains, lesson.people)
        value = loss(motion, *lesson.answers)
        value = value + TRIPLET_WEIGHT * apart + NEUTRAL_WEIGHT * ((gains - 1.0) ** 2).sum(-1).mean()
        descend(optimiser, value)
        losses.append((value.item(), apart.item()))
        if step % 100 == 0 or step == steps:
            mean = np.mean(losses[-100:], axis=0)
            took = time.monotonic() - begin
            print(f"step {step}, {took:.0f} s, loss {mean[0]:.3f}, triplet {mean[1]:.3f}", flush=True)
    torch.save(style.state_dict(), cache / "style.pt")


if __name__ == "__main__":
    run(train, __doc__, STEPS)
