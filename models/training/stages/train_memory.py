# SPDX-License-Identifier: GPL-3.0-or-later
"""First stage of the motion model: the memory, and the encoder with it, learn how sound moves a face on the whole.

``python -m facewright.models.training.stages.train_memory`` after ``train_encoder``, ``motion_streams`` and
``train_teacher``. The phone loss goes on, so that the encoder does not become one man's.
"""

from __future__ import annotations

import time
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import torch

from facewright.inference.core.channels import PHONES
from facewright.models.networks.encoder import Encoder
from facewright.models.networks.memory import Memory
from facewright.models.training.data.augment import MelAugment
from facewright.models.training.data.loading import batches
from facewright.models.training.data.motion_streams import Stream, load
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.windows import GAIN, Windows, sources, taught_stream
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.stages.losses import MotionLoss, phone_loss
from facewright.models.training.stages.options import run
from facewright.models.training.stages.steps import averaged, descend, mixed, schedule

BATCH, STEPS = 24, 4200
CHECKED = 12_000  # frames of each held-out stream that are looked at while training
MEMORY_RATE, ENCODER_RATE = 1.5e-3, 4e-4
PHONE_WEIGHT = 1.0


@torch.no_grad()
def correlations(encoder: Encoder, memory: Memory, mesh: MouthMesh, held_out: Stream) -> list[float]:
    """Mean over clips of the correlation of opening, width and jaw, in the beginning of a stream."""
    encoder.eval(), memory.eval()
    edges = [0, *np.flatnonzero(held_out.edge[1:CHECKED]) + 1, min(len(held_out), CHECKED)]
    r = []
    for begin, end in pairwise(edges):
        mel = torch.from_numpy(held_out.mel[2 * begin : 2 * end].astype(np.float32))
        general, _ = memory(*encoder(mel[None]), torch.ones(1, len(PHONES)))
        have = mesh.distances(general)[0].numpy()
        r.append([np.corrcoef(have[:, k], held_out.distances[begin:end, k])[0, 1] for k in range(3)])
    return np.mean(r, axis=0).tolist()


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train, print correlations on held-out clips and voices, save the moving average of both networks."""
    torch.manual_seed(seed)
    noise = load_noise(cache / "phones")
    mesh = MouthMesh(data / "head_ict_facekit.npz")
    streams = sources(mesh, cache, noise, seed)
    loss = MotionLoss(mesh, streams["grid"][0].motion.std(axis=0))
    held_out = {
        "s1": load(cache / "motion" / "grid_val.npz"),
        "facegood": streams["facegood"][0],
        "teacher's motion in unseen voices": taught_stream(cache, mesh, "ocean_val"),
    }
    windows = Windows(streams, MelAugment(noise, seed, GAIN), seed, BATCH)

    encoder, memory = Encoder(), Memory()
    encoder.load_state_dict(torch.load(cache / "encoder.pt", weights_only=True))
    average = averaged(encoder), averaged(memory)
    groups = [
        {"params": encoder.parameters(), "lr": ENCODER_RATE},
        {"params": memory.parameters(), "lr": MEMORY_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    plan = schedule(optimiser, steps, 200)
    neutral = torch.ones(BATCH, len(PHONES))
    begin, losses = time.monotonic(), []
    for step, (mel, phones, known, answers) in enumerate(islice(batches(windows.batch), steps), 1):
        encoder.train(), memory.train()
        with mixed():
            features, logits = encoder(mel)
            motion, _ = memory(features, logits, neutral)
        value = loss(motion.float(), *answers) + PHONE_WEIGHT * phone_loss(logits.float()[known], phones[known])
        descend(optimiser, value, 2.0)
        plan.step()
        losses.append(value.item())
        for mean, now in zip(average, (encoder, memory), strict=True):
            mean.update_parameters(now)
        if step % 500 == 0 or step == steps:
            kept = [mean.module for mean in average]
            rows = "; ".join(f"{n} {np.round(correlations(*kept, mesh, s), 3)}" for n, s in held_out.items())
            print(
                f"step {step}, {time.monotonic() - begin:.0f} s, loss {np.mean(losses[-500:]):.3f}, {rows}", flush=True
            )
            torch.save({"encoder": kept[0].state_dict(), "memory": kept[1].state_dict()}, cache / "memory.pt")


if __name__ == "__main__":
    run(train, __doc__, STEPS)
