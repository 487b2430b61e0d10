# SPDX-License-Identifier: GPL-3.0-or-later
"""Third stage: the diffusion policy learns what the memory's mean leaves open, encoder, memory and style being frozen.

``python -m facewright.models.training.stages.train_policy`` after ``train_style``. A flow is trained on
the four states that four steps visit, and, by bootstrap, on what one and two long steps must do to land where the short
ones do (https://arxiv.org/abs/2410.12557). Guidance is trained in: the target is moved away from what the
policy would do deaf (https://arxiv.org/abs/2502.12154), so that one pass is enough.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from facewright.inference.core.channels import ARKIT
from facewright.models.networks.channels import IS_MOUTH
from facewright.models.networks.encoder import Encoder
from facewright.models.networks.memory import Memory
from facewright.models.networks.policy import CHANNELS, HORIZON, Policy
from facewright.models.networks.style import StyleEncoder
from facewright.models.training.data.augment import MelAugment
from facewright.models.training.data.chunks import Chunks, cut
from facewright.models.training.data.loading import batches
from facewright.models.training.data.motion_streams import Stream, load
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.windows import GAIN, Windows, sources
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.stages.losses import MotionLoss
from facewright.models.training.stages.options import run
from facewright.models.training.stages.rollout import roll
from facewright.models.training.stages.steps import averaged, descend, mixed, schedule

BATCH, STEPS, RATE = 16, 1000, 1e-3
STYLED = 0.5  # of the windows are given their voice's style, the others the neutral one
FACE = 0.2  # of the loss on the face, which tells of the mouth; the other is on trajectories, in units of their reach
DEAF = 0.1  # of the chunks lose sound and style
GUIDANCE, GUIDED_FROM = 0.25, 500
# (time, stride) and how often: the flow itself, then the long steps
TAUGHT = ((0.0, 0.25), (0.25, 0.25), (0.5, 0.25), (0.75, 0.25), (0.0, 0.5), (0.5, 0.5), (0.0, 1.0))
OFTEN = (0.25, 0.15, 0.15, 0.15, 0.08, 0.08, 0.14)


class Frozen(nn.Module):
    """Encoder, memory and style encoder; only what the memory tells the policy goes on learning."""

    def __init__(self, cache: Path) -> None:
        super().__init__()
        saved = torch.load(cache / "memory.pt", weights_only=True)
        self.encoder, self.memory, self.style = Encoder(), Memory(), StyleEncoder()
        self.encoder.load_state_dict(saved["encoder"])
        self.memory.load_state_dict(saved["memory"])
        self.style.load_state_dict(torch.load(cache / "style.pt", weights_only=True))
        self.eval().requires_grad_(False)
        self.memory.tell.requires_grad_(True)

    def forward(self, mel: Tensor, styled: Tensor) -> tuple[Tensor, Tensor]:
        """General motion and condition; `styled (B,)` is 1 where the voice's own style is taken."""
        with torch.no_grad():
            features, logits = self.encoder(mel)
            gains = 1.0 + styled[:, None] * (self.style(mel) - 1.0)
        return self.memory(features, logits, gains)


def reach(motion: np.ndarray) -> np.ndarray:
    """Root mean square of what the channels of a stream move within 1 to 16 frames [shape=(16, 61), float32]."""
    moved = [np.sqrt(((motion[k:] - motion[:-k]) ** 2).mean(axis=0)) for k in range(1, HORIZON + 1)]
    return np.maximum(np.stack(moved), 0.002).astype(np.float32)


def given(chunks: Chunks) -> tuple[Tensor, ...]:
    """The policy's condition."""
    return chunks.past, chunks.general, chunks.local, chunks.pins, chunks.pinned


def deafened(chunks: Chunks, rows: Tensor) -> Chunks:
    """These rows hear nothing: the mean is the last frame, held."""
    still = chunks.past[:, -1:].expand_as(chunks.general)
    rows = rows[:, None, None]
    return replace(
        chunks,
        general=torch.where(rows, still, chunks.general),
        local=torch.where(rows, torch.zeros(()), chunks.local),
    )


class Lesson:
    """States, times and targets of a batch of chunks."""

    def __init__(self, loss: MotionLoss, seed: int) -> None:
        self.loss = loss
        self.rng = np.random.default_rng(seed)

    def __call__(self, policy: Policy, average: Policy, chunks: Chunks, guided: bool) -> Tensor:
        """The loss of the batch."""
        rows = len(chunks.past)
        time, stride = torch.from_numpy(np.array(TAUGHT, np.float32)[self.rng.choice(7, size=rows, p=OFTEN)]).T
        last = chunks.past[:, -1:]
        trajectory = (chunks.motion - last) / policy.reach
        at = time[:, None, None]
        state = (1 - at) * self._noise(rows) + at * trajectory
        long = stride > 0.3
        chunks = deafened(chunks, torch.from_numpy(self.rng.random(rows) < DEAF) & ~long)
        with torch.no_grad():
            wanted = chunks.motion.clone()
            wanted[long] = self._bootstrap(average, _rows(chunks, long), state[long], time[long], stride[long])
            if guided:
                every = torch.ones(rows, dtype=torch.bool)
                heard = average(state, time, stride, *given(chunks))[1]
                deaf = average(state, time, stride, *given(deafened(chunks, every)))[1]
                short = ~long[:, None, None]
                wanted += GUIDANCE * (heard - deaf) * short * (1 - chunks.pinned)
            wanted[..., : len(ARKIT)].clamp_(0.0, 1.0)  # what the clamped face cannot reach would pull without end
            moved = self.loss.mesh.distances(wanted) - self.loss.mesh.distances(chunks.motion)
            tracked = chunks.tracked + moved
        with mixed():
            _, motion = policy(state, time, stride, *given(chunks))
        counted = chunks.observed * chunks.valid[..., None] * policy.drawn
        missed = ((motion.float() - wanted) / policy.reach) ** 2 * counted
        face = self.loss(motion.float(), wanted, tracked, chunks.observed, chunks.bilabial, chunks.valid)
        return missed.sum() / counted.sum().clamp_min(1.0) + FACE * face

    def _noise(self, rows: int) -> Tensor:
        """Of a temperature of its own for mouth and rest, so that the policy knows them all."""
        warm = self.rng.random((rows, 1, 2)).astype(np.float32) ** 0.5
        warm[self.rng.random(rows) < 0.15] = 0.0
        noise = self.rng.standard_normal((rows, HORIZON, CHANNELS)).astype(np.float32)
        return torch.from_numpy(noise * warm[..., [0 if mouth else 1 for mouth in IS_MOUTH]])

    def _bootstrap(self, average: Policy, chunks: Chunks, state: Tensor, time: Tensor, stride: Tensor) -> Tensor:
        """The motion that one long step must aim at to land where two steps of half its length do."""
        half = stride / 2
        first, _ = average(state, time, half, *given(chunks))
        middle = state + half[:, None, None] * first
        second, _ = average(middle, time + half, half, *given(chunks))
        velocity = (first + second) / 2
        return chunks.past[:, -1:] + average.reach * (state + (1 - time)[:, None, None] * velocity)


def _rows(chunks: Chunks, which: Tensor) -> Chunks:
    return Chunks(**{name: value[which] for name, value in vars(chunks).items()})


@torch.no_grad()
def figures(frozen: Frozen, policy: Policy, mesh: MouthMesh, clips: Stream) -> str:
    """Held-out clips of s1, cut to one length, generated whole: correlation, size and restlessness of the opening."""
    begins = np.flatnonzero(clips.edge)
    begins = begins[np.diff([*begins, len(clips)]) >= 145]
    mel = np.stack([clips.mel[2 * begin : 2 * (begin + 145)] for begin in begins]).astype(np.float32)
    truth = np.stack([clips.distances[begin : begin + 145] for begin in begins])
    general, local = frozen.eval()(torch.from_numpy(mel), torch.zeros(len(mel)))
    parts = [_row("mean", mesh.distances(general).numpy(), truth)]
    for steps, warmth in ((1, 0.0), (4, 1.0)):
        motion = roll(policy, general, local, torch.full((CHANNELS,), warmth), steps, 0)
        parts.append(_row(f"{steps} steps at {warmth:g}", mesh.distances(motion).numpy(), truth))
    return "; ".join(parts)


def _row(name: str, have: np.ndarray, truth: np.ndarray) -> str:
    r = [np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(have[..., k], truth[..., k], strict=True)]) for k in range(3)]
    size = np.median(have[..., 0].std(axis=1) / truth[..., 0].std(axis=1))
    jerk = np.abs(np.diff(have[..., 0], 3, axis=1)).mean() / np.abs(np.diff(truth[..., 0], 3, axis=1)).mean()
    return f"{name} {np.round(r, 3)} size {size:.2f} jerk {jerk:.2f}"


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train, print what held-out clips look like, save the moving average."""
    torch.manual_seed(seed)
    noise = load_noise(cache / "phones")
    mesh = MouthMesh(data / "head_ict_facekit.npz")
    streams = sources(mesh, cache, noise, seed)
    loss = MotionLoss(mesh, streams["grid"][0].motion.std(axis=0))
    windows = Windows(streams, MelAugment(noise, seed, GAIN), seed, BATCH)
    held_out = load(cache / "motion" / "grid_val.npz")
    frozen = Frozen(cache)
    seen = streams["grid"][0].motion
    policy = Policy(torch.from_numpy(np.maximum(seen.std(axis=0), 0.02)), torch.from_numpy(reach(seen)))
    average = averaged(policy).eval()
    lesson, rng = Lesson(loss, seed), np.random.default_rng(seed)
    learned = [*policy.parameters(), *frozen.memory.tell.parameters()]
    optimiser = torch.optim.AdamW(learned, lr=RATE, weight_decay=0.02)
    plan = schedule(optimiser, steps, 200)
    begin, losses = time.monotonic(), []
    for step, (mel, _, _, answers) in enumerate(islice(batches(windows.batch), steps), 1):
        policy.train()
        styled = torch.from_numpy((rng.random(len(mel)) < STYLED).astype(np.float32))
        with mixed():
            general, local = frozen(mel, styled)
        value = lesson(policy, average.module, cut(general.float(), local.float(), answers, rng), step > GUIDED_FROM)
        descend(optimiser, value, 2.0)
        plan.step()
        average.update_parameters(policy)
        losses.append(value.item())
        if step % 500 == 0 or step == steps:
            seen = figures(frozen, average.module, mesh, held_out)
            took, mean = time.monotonic() - begin, np.mean(losses[-500:])
            print(f"step {step}, {took:.0f} s, loss {mean:.3f}, {seen}", flush=True)
            torch.save(
                {"policy": average.module.state_dict(), "tell": frozen.memory.tell.state_dict()}, cache / "policy.pt"
            )


if __name__ == "__main__":
    run(train, __doc__, STEPS)
