# SPDX-License-Identifier: GPL-3.0-or-later
"""The model for live sound learns, from sound that is just heard, what released models say of the whole of it.

``python -m facewright.models.training.stages.train_live`` after ``hear_released``. It hears 60 ms ahead and no more.
Ears and memory are trained at once, from nothing: phones as another network doubts them teach more than phones alone
(https://arxiv.org/abs/1503.02531), and the other one's mouth can be learned in every voice there is.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facewright.models.networks.live import LiveEars
from facewright.models.training.data.augment import MelAugment
from facewright.models.training.data.loading import batches
from facewright.models.training.data.phone_streams import VARIANTS, load_noise
from facewright.models.training.data.phone_windows import statistics
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.labels.phonemes import SILENCE
from facewright.models.training.stages.hear_released import COLUMNS, SOURCES, STILL
from facewright.models.training.stages.losses import UNKNOWN, MotionLoss
from facewright.models.training.stages.options import run
from facewright.models.training.stages.steps import averaged, descend, mixed, paced, schedule

STEPS, RATE, BATCH, WINDOW = 6000, 1.5e-3, 10, 240
SHARES = {"libri": 0.36, "ocean": 0.16, "grid": 0.16, "synth": 0.12, "kokoro": 0.16, STILL: 0.04}
GAIN = (-6.0, 6.0)  # dB; live sound is not at once at the level the model knows
REPORTED = 250
PHONES_COUNT, CONDITION_COUNT = 1.0, 0.3  # weights beside the motion's error


class Lessons:
    """Random windows of what was said of streams (`hear_released`), in the shares of ``SHARES``."""

    def __init__(self, cache: Path, augment: MelAugment, seed: int) -> None:
        names = [STILL, *(f"{source}{variant}" for source in SOURCES for variant in range(VARIANTS))]
        self.mel = [np.load(cache / "said" / f"{name}.mel.npy", mmap_mode="r") for name in names]
        self.said = [np.load(cache / "said" / f"{name}.npy", mmap_mode="r") for name in names]
        self.share = np.array([SHARES[STILL], *(SHARES[name[:-1]] / VARIANTS for name in names[1:])])
        self.augment, self.rng = augment, np.random.default_rng(seed)

    def batch(self) -> tuple[Tensor, Tensor]:
        """Augmented mel ``(B, 2 frames, 80)`` and what is said of it ``(B, frames, 229)``."""
        mel, answers = [], []
        for k in self.rng.choice(len(self.mel), size=BATCH, p=self.share):
            start = int(self.rng.integers(len(self.said[k]) - WINDOW))
            mel.append(self.mel[k][2 * start : 2 * (start + WINDOW)])
            answers.append(self.said[k][start : start + WINDOW])
        heard, wanted = (np.stack(rows).astype(np.float32) for rows in (mel, answers))
        return torch.from_numpy(self.augment(heard)), torch.from_numpy(wanted)


class Teaching(nn.Module):
    """How far the live model is from what the others say."""

    def __init__(self, mesh: MouthMesh, rows: np.ndarray) -> None:
        super().__init__()
        _, motion, condition = parts(torch.from_numpy(rows.astype(np.float32)))
        self.motion = MotionLoss(mesh, motion.std(dim=0).numpy())
        self.register_buffer("unit", condition.std(dim=0).clamp_min(0.05))

    def forward(self, made: tuple[Tensor, Tensor, Tensor], answers: Tensor) -> Tensor:
        """Of a batch; nothing is told apart in time, so a window's first frames count as all others."""
        logits, motion, condition = made
        phones, wanted, told = parts(answers)
        doubted = functional.softmax(phones, dim=-1)
        names = (doubted * (doubted.clamp_min(1e-6).log() - functional.log_softmax(logits, dim=-1))).sum(-1).mean()
        tracked = self.motion.mesh.distances(wanted)
        every, none = torch.ones_like(wanted), torch.zeros(wanted.shape[:2])
        face = self.motion(motion, wanted, tracked, every, none, none + 1)
        about = (((condition - told) / self.unit) ** 2).mean()
        return PHONES_COUNT * names + face / 4 + CONDITION_COUNT * about


def parts(rows: Tensor) -> tuple[Tensor, ...]:
    """Phone logits, motion and condition of what was said."""
    return rows.split(list(COLUMNS.values()), dim=-1)


@torch.no_grad()
def right(model: LiveEars, phones: Path, name: str) -> float:
    """Share of frames whose likeliest phone is the right one, without silence; of ten minutes at most."""
    mel = np.load(phones / f"{name}.mel.npy", mmap_mode="r")[:60_000]
    true = np.load(phones / f"{name}.phones.npy")[:30_000]
    told = model.eval()(torch.from_numpy(mel[None].astype(np.float32)))[0][0].argmax(dim=-1).numpy()
    spoken = (true != SILENCE) & (true != UNKNOWN)
    return float((told == true)[spoken].mean())


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train on from ``live.pt`` where it is there; print how right phones of unheard voices are."""
    torch.manual_seed(seed)
    saved, phones = cache / "live.pt", cache / "phones"
    model = LiveEars(*statistics(phones))
    average, first = averaged(model), 0
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.02)
    plan = schedule(optimiser, steps, 200)
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        model.load_state_dict(state["model"]), average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"]), plan.load_state_dict(state["plan"])
        first = state["step"]
    lessons = Lessons(cache, MelAugment(load_noise(phones), seed + first, GAIN), seed + first)
    teaching = Teaching(MouthMesh(data / "head_ict_facekit.npz"), np.asarray(lessons.said[1][:20_000]))
    begin, losses = time.monotonic(), []
    for step, (mel, answers) in paced(batches(lessons.batch), steps, first):
        with mixed():
            made = model.train()(mel)
        loss = teaching(tuple(part.float() for part in made), answers)
        descend(optimiser, loss, 1.0)
        plan.step()
        average.update_parameters(model)
        losses.append(loss.item())
        if step % REPORTED == 0 or step == steps:
            rows = ", ".join(f"{name} {right(average.module, phones, name):.3f}" for name in ("libri_val", "grid_val"))
            took = time.monotonic() - begin
            print(f"step {step}, {took:.0f} s, loss {np.mean(losses[-REPORTED:]):.3f}, right {rows}", flush=True)
            state = {"model": model.state_dict(), "average": average.state_dict(), "step": step}
            state |= {"optimiser": optimiser.state_dict(), "plan": plan.state_dict()}
            torch.save(state, saved.with_suffix(".beside.pt"))
            saved.with_suffix(".beside.pt").replace(saved)


if __name__ == "__main__":
    run(train, __doc__, STEPS)
