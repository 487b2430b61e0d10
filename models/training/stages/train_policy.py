# SPDX-License-Identifier: GPL-3.0-or-later
"""Third stage: the diffusion policy learns what the memory's mean leaves open, ears and memory being frozen.

``python -m facewright.models.training.stages.train_policy`` after ``train_memory``. A flow is trained on the four
states that four steps visit, and, by bootstrap, on what one and two long steps must do to land where the short ones do
(https://arxiv.org/abs/2410.12557).
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facewright.inference.core.channels import PHONES
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.networks.ears import load_ears
from facewright.models.networks.memory import Memory, clamped
from facewright.models.networks.policy import CHANNELS, HORIZON, Policy
from facewright.models.training.data.chunks import Chunks, cut
from facewright.models.training.data.heard import Heard, hear
from facewright.models.training.data.motion_streams import Stream, load
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.windows import sources
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.stages.options import run
from facewright.models.training.stages.people import People
from facewright.models.training.stages.people import load as load_memory
from facewright.models.training.stages.rollout import roll
from facewright.models.training.stages.steps import averaged, descend, paced, schedule
from facewright.models.training.stages.train_memory import Lessons

STEPS, RATE = 1500, 1e-3
LEAST = 0.01  # spread of a channel that hardly moves
SPEED = 0.3  # weight of the error of what changes from frame to frame
# (time, stride) and how often: the flow itself, then the long steps
TAUGHT = ((0.0, 0.25), (0.25, 0.25), (0.5, 0.25), (0.75, 0.25), (0.0, 0.5), (0.5, 0.5), (0.0, 1.0))
OFTEN = (0.2, 0.14, 0.14, 0.14, 0.09, 0.09, 0.2)
REAL = ("grid", "more", "facegood", "still")  # sources whose motion was seen, and rest


def given(chunks: Chunks) -> tuple[Tensor, ...]:
    """The policy's condition."""
    return chunks.past, chunks.general, chunks.local, chunks.pins, chunks.pinned


class Teaching:
    """States, times and targets of a batch of chunks."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def __call__(self, policy: Policy, average: Policy, chunks: Chunks) -> Tensor:
        """The loss of the batch."""
        rows = len(chunks.past)
        time, stride = torch.from_numpy(np.array(TAUGHT, np.float32)[self.rng.choice(7, size=rows, p=OFTEN)]).T
        expected = chunks.general[:, -HORIZON:]
        trajectory = (chunks.motion - expected) / policy.spread
        at = time[:, None, None]
        state = (1 - at) * self._noise(rows) + at * trajectory
        wanted, long = trajectory.clone(), stride > 0.3
        with torch.no_grad():
            wanted[long] = self._bootstrap(average, _rows(chunks, long), state[long], time[long], stride[long])
        _, motion = policy(state, time, stride, *given(chunks))
        missed = (motion - expected) / policy.spread - wanted
        counted = chunks.observed * chunks.valid[..., None]
        still = (missed**2 * counted).sum() / counted.sum().clamp_min(1.0)
        moving = (missed.diff(dim=1) ** 2 * counted[:, 1:]).sum() / counted[:, 1:].sum().clamp_min(1.0)
        return still + SPEED * moving

    def _noise(self, rows: int) -> Tensor:
        """Of a temperature of its own for mouth and rest, so that the policy knows them all."""
        warm = self.rng.random((rows, 1, 2)).astype(np.float32) ** 0.5
        warm[self.rng.random(rows) < 0.1] = 0.0
        noise = self.rng.standard_normal((rows, HORIZON, CHANNELS)).astype(np.float32)
        return torch.from_numpy(noise * warm[..., [0 if mouth else 1 for mouth in IS_MOUTH]])

    def _bootstrap(self, average: Policy, chunks: Chunks, state: Tensor, time: Tensor, stride: Tensor) -> Tensor:
        """The trajectory that one long step must aim at to land where two steps of half its length do."""
        half = stride / 2
        first, _ = average(state, time, half, *given(chunks))
        middle = state + half[:, None, None] * first
        second, _ = average(middle, time + half, half, *given(chunks))
        return state + (1 - time)[:, None, None] * (first + second) / 2


def _rows(chunks: Chunks, which: Tensor) -> Chunks:
    return Chunks(**{name: value[which] for name, value in vars(chunks).items()})


@torch.no_grad()
def spread(memory: Memory, people: People, heard: Heard, stream: Stream) -> Tensor:
    """Root mean square of what the memory misses in each channel of a stream of one person [shape=(61,)]."""
    missed = []
    for begin in range(0, min(len(stream), 60_000), 600):
        part = slice(begin, min(begin + 600, len(stream)))
        features, logits = heard.windows(part)
        read = memory.read(features[None], logits[None], torch.ones(1, len(PHONES)))
        general = clamped(people(memory, read, torch.tensor([int(stream.person[0])])))
        missed.append(general[0] - torch.from_numpy(stream.motion[part]))
    return torch.cat(missed).pow(2).mean(dim=0).sqrt().clamp_min(LEAST)


@torch.no_grad()
def figures(policy: Policy, memory: Memory, mesh: MouthMesh, heard: Heard, clips: Stream) -> str:
    """Held-out clips of s1, cut to one length, generated whole: correlation, size and restlessness of the opening."""
    begins = np.flatnonzero(clips.edge)
    begins = begins[np.diff([*begins, len(clips)]) >= 145]
    given = [heard.windows(slice(begin, begin + 145)) for begin in begins]
    truth = np.stack([clips.distances[begin : begin + 145] for begin in begins])
    features, logits = (torch.stack(column) for column in zip(*given, strict=True))
    general, local = memory.eval()(features, logits, torch.ones(len(begins), len(PHONES)))
    parts = [_row("mean", mesh.distances(general).numpy(), truth)]
    for steps, warmth in ((1, 0.0), (1, 0.4), (1, 1.0), (4, 1.0)):
        motion = roll(policy, general, local, torch.full((CHANNELS,), warmth), steps, 0)
        moved = motion[:, 1:, 52:55].diff(dim=1).abs().mean() / motion[..., 52:55].std(dim=1).mean()
        parts.append(f"{_row(f'{steps} steps at {warmth:g}', mesh.distances(motion).numpy(), truth)} head {moved:.3f}")
    return "; ".join(parts)


def _row(name: str, have: np.ndarray, truth: np.ndarray) -> str:
    r = [np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(have[..., k], truth[..., k], strict=True)]) for k in range(3)]
    size = np.median(have[..., 0].std(axis=1) / truth[..., 0].std(axis=1))
    jerk = np.abs(np.diff(have[..., 0], 3, axis=1)).mean() / np.abs(np.diff(truth[..., 0], 3, axis=1)).mean()
    return f"{name} {np.round(r, 3)} size {size:.2f} jerk {jerk:.2f}"


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train, print what held-out clips look like, save the moving average."""
    torch.manual_seed(seed)
    mesh = MouthMesh(data / "head_ict_facekit.npz")
    streams = {
        name: some for name, some in sources(mesh, cache, load_noise(cache / "phones"), seed).items() if name in REAL
    }
    ears, folder = load_ears(cache / "ears.pt"), cache / "features"
    lessons = Lessons(ears, streams, folder, seed)
    held_out = load(cache / "motion" / "grid_val.npz")
    memory, people = load_memory(cache, ears.width)
    memory.tell.requires_grad_(True)
    seen = streams["grid"][0]
    missed = spread(memory, people, lessons.heard[0], seen)
    policy = Policy(torch.from_numpy(np.maximum(seen.motion.std(axis=0), 0.02)), missed)
    average = averaged(policy).eval()
    teaching, rng = Teaching(seed), np.random.default_rng(seed)
    optimiser = torch.optim.AdamW([*policy.parameters(), *memory.tell.parameters()], lr=RATE, weight_decay=0.02)
    plan = schedule(optimiser, steps, 200)
    begin, losses = time.monotonic(), []
    for step, lesson in paced(lessons, steps):
        read = memory.read(lesson.features, lesson.logits, torch.ones(len(lesson.features), len(PHONES)))
        general = clamped(people(memory, read, lesson.people))  # else it would learn how large these mouths are
        local = memory.tell(read)
        value = teaching(policy.train(), average.module, cut(general, local, lesson.answers, rng))
        descend(optimiser, value, 2.0)
        plan.step()
        average.update_parameters(policy)
        losses.append(value.item())
        if step % 250 == 0 or step == steps:
            found = figures(average.module, memory, mesh, hear(ears, held_out, folder), held_out)
            took, mean = time.monotonic() - begin, np.mean(losses[-250:])
            print(f"step {step}, {took:.0f} s, loss {mean:.3f}, {found}", flush=True)
            torch.save({"policy": average.module.state_dict(), "tell": memory.tell.state_dict()}, cache / "policy.pt")


if __name__ == "__main__":
    run(train, __doc__, STEPS)
