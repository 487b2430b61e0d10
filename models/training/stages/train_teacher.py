# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion for speech that nobody filmed: a small net from known phones and loudness to s1's motion.

s1 is one man with 51 words. What his mouth does for a phone in its surroundings holds for other voices, too: the net
learns it from his alignments and then writes motion for the 250 voices of speechocean762, whose phones are known. The
student, which hears sound, so learns that the same phone in another voice is the same motion. Phones that GRID lacks
are replaced by those with the nearest mouth. Such targets are marked as made, never as measured.

``python -m facewright.models.training.stages.train_teacher`` after ``phone_streams`` and ``motion_streams``.
"""

from __future__ import annotations

import argparse
from itertools import repeat
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from facewright.inference.core.channels import LIVE_LINK, PHONES
from facewright.models.networks.blocks import DilatedBlock
from facewright.models.training.data import motion_streams, phone_streams
from facewright.models.training.data.motion_streams import Stream, load
from facewright.models.training.data.windows import BILABIAL_COLUMNS, TAUGHT, truth
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.stages.losses import MotionLoss
from facewright.models.training.stages.steps import descend, mixed, paced, schedule

WIDTH = 128
LAYOUT = ((1, True), (2, True), (4, True), (8, True))  # 15 frames to either side
WINDOW, BATCH, STEPS, PEAK_RATE = 150, 24, 1500, 3e-3
NEAREST = {
    "SH": {"CH": 1.0}, "ZH": {"JH": 1.0}, "NG": {"N": 0.5, "G": 0.5}, "OY": {"AO": 0.6, "IY": 0.4},
    "UH": {"UW": 0.6, "AH": 0.4}, "HH": {"AH": 0.5, "EH": 0.5},
}  # fmt: skip


class Teacher(nn.Module):
    """Phones and loudness, ``(B, N, 42)``, to motion ``(B, N, 61)``, seeing 300 ms to either side."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(len(PHONES) + 2, WIDTH)
        self.blocks = nn.Sequential(*[DilatedBlock(WIDTH, d, ahead, 0.1) for d, ahead in LAYOUT])
        self.norm = nn.LayerNorm(WIDTH)
        self.leave = nn.Linear(WIDTH, len(LIVE_LINK))
        nn.init.zeros_(self.leave.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Motion, not clamped."""
        return self.leave(self.norm(self.blocks(self.enter(x))))


def inputs(mel: np.ndarray, phones: np.ndarray) -> np.ndarray:
    """Phones by their nearest mouths, loudness of all bands and of those below 1 kHz [shape=(N, 42), float32]."""
    table = np.eye(len(PHONES), dtype=np.float32)
    for phone, shares in NEAREST.items():
        row = table[PHONES.index(phone)]
        row[:] = 0.0
        for other, share in shares.items():
            row[PHONES.index(other)] = share
    power = np.exp(mel[::2].astype(np.float32))
    loudness = np.log(np.stack([power.sum(axis=1), power[:, :26].sum(axis=1)], axis=1) + 1e-6) / 3.0 + 2.0
    return np.hstack([table[phones], loudness]).astype(np.float32)


def train(streams: list[Stream], loss: MotionLoss, steps: int, seed: int) -> Teacher:
    """On s1 at several speeds."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    given = [torch.from_numpy(inputs(s.mel, s.phones)) for s in streams]
    teacher = Teacher()
    optimiser = torch.optim.AdamW(teacher.parameters(), lr=PEAK_RATE, weight_decay=0.05)
    plan = schedule(optimiser, steps, 100)
    for step, _ in paced(repeat(None), steps):
        which = rng.integers(len(streams), size=BATCH)
        starts = [int(rng.integers(len(streams[k]) - WINDOW)) for k in which]
        parts = [slice(start, start + WINDOW) for start in starts]
        x = torch.stack([given[k][part] for k, part in zip(which, parts, strict=True)])
        # Loudness is s1's own habit: shift it per window, or the teacher would read other voices' levels as his.
        x[..., -2:] += torch.from_numpy(rng.normal(0.0, 0.3, (BATCH, 1, 1)).astype(np.float32))
        with mixed():
            motion = teacher(x)
        value = loss(motion.float(), *truth(streams, which, parts))
        descend(optimiser, value)
        plan.step()
        if step % 500 == 0:
            print(f"teacher step {step}, loss {value.item():.3f}", flush=True)
    return teacher.eval()


def close_bilabials(motion: np.ndarray, phones: np.ndarray, mesh: MouthMesh) -> np.ndarray:
    """The teacher's motion with the lips shut on aligned /p b m/, where a mean leaves them parted.

    What parts the lips is taken back, and mouthClose shuts what the jaw still opens.
    """
    shut = np.isin(phones, BILABIAL_COLUMNS).astype(np.float32)
    amount = np.maximum(shut, 0.5 * np.maximum(np.roll(shut, 1), np.roll(shut, -1)))[:, None]
    motion = motion.copy()
    parting = [k for k, name in enumerate(LIVE_LINK) if name.startswith(("mouthLowerDown", "mouthUpperUp"))]
    motion[:, parting] *= 1.0 - amount
    close = LIVE_LINK.index("mouthClose")
    with torch.no_grad():
        opening = torch.cat([mesh.distances(part)[:, 0] for part in torch.from_numpy(motion).split(20_000)]).numpy()
        pull = -mesh.distances(torch.eye(len(LIVE_LINK)))[close, 0].item()
    motion[:, close] = np.clip(motion[:, close] + amount[:, 0] * opening.clip(0.0) / pull, 0.0, 1.0)
    return motion


@torch.no_grad()
def apply(teacher: Teacher, mel: np.ndarray, phones: np.ndarray) -> np.ndarray:
    """Motion of a whole stream [shape=(N, 61), float32], weights in [0, 1]."""
    x = torch.from_numpy(inputs(mel, phones))
    motion = torch.cat([teacher(part[None])[0] for part in x.split(20_000)]).numpy()
    motion[:, :52] = motion[:, :52].clip(0.0, 1.0)
    return motion


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    cache = arguments.cache
    streams = [load(cache / "motion" / f"grid{variant}.npz") for variant in range(motion_streams.VARIANTS["grid"])]
    mesh = MouthMesh(arguments.data / "head_ict_facekit.npz")
    loss = MotionLoss(mesh, streams[0].motion.std(axis=0))
    teacher = train(streams, loss, arguments.steps, 0)
    torch.save(teacher.state_dict(), cache / "teacher.pt")
    taught = [f"{source}{variant}" for source in TAUGHT for variant in range(phone_streams.VARIANTS)]
    for name in (*taught, "ocean_val"):
        phones = np.load(cache / "phones" / f"{name}.phones.npy")
        motion = apply(teacher, np.load(cache / "phones" / f"{name}.mel.npy"), phones)
        np.save(cache / "motion" / f"{name}.npy", close_bilabials(motion, phones, mesh).astype(np.float16))
    held_out = load(cache / "motion" / "grid_val.npz")
    made = mesh.distances(torch.from_numpy(apply(teacher, held_out.mel, held_out.phones)))
    r = [np.corrcoef(made[:, k], held_out.distances[:, k])[0, 1] for k in range(3)]
    print(f"teacher on held-out clips of s1: r of opening {r[0]:.3f}, width {r[1]:.3f}, jaw {r[2]:.3f}")


if __name__ == "__main__":
    main()
