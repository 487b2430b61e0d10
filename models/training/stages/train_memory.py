# SPDX-License-Identifier: GPL-3.0-or-later
"""First stage of the motion model: the memory, and the encoder with it, learn how sound moves a face on the whole.

``python -m facewright.models.training.stages.train_memory`` after ``train_encoder``, ``dataset`` and ``teacher``. The
phone loss goes on, so that the encoder does not become one man's.
"""

from __future__ import annotations

import copy
import time
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import torch

from facewright.inference.core.channels import PHONES
from facewright.models.networks.encoder import Encoder
from facewright.models.networks.memory import Memory
from facewright.models.training.corpora.augment import MelAugment
from facewright.models.training.stages.dataset import Stream, load
from facewright.models.training.stages.descent import average_into, descend, rate
from facewright.models.training.stages.losses import MotionLoss
from facewright.models.training.stages.options import run
from facewright.models.training.stages.prefetch import prefetch
from facewright.models.training.stages.train_encoder import load_noise, phone_loss
from facewright.models.training.stages.windows import GAIN, Windows, sources, taught_stream

BATCH, STEPS = 24, 4200
CHECKED = 12_000  # frames of each held-out stream that are looked at while training
MEMORY_RATE, ENCODER_RATE = 1.5e-3, 4e-4
PHONE_WEIGHT = 1.0


@torch.no_grad()
def correlations(encoder: Encoder, memory: Memory, loss: MotionLoss, held_out: Stream) -> list[float]:
    """Mean over clips of the correlation of opening, width and jaw, in the beginning of a stream."""
    encoder.eval(), memory.eval()
    edges = [0, *np.flatnonzero(held_out.edge[1:CHECKED]) + 1, min(len(held_out), CHECKED)]
    r = []
    for begin, end in pairwise(edges):
        mel = torch.from_numpy(held_out.mel[2 * begin : 2 * end].astype(np.float32))
        general, _ = memory(*encoder(mel[None]), torch.ones(1, len(PHONES)))
        have = loss.points(general)[0][0].numpy()
        r.append([np.corrcoef(have[:, k], held_out.distances[begin:end, k])[0, 1] for k in range(3)])
    return np.mean(r, axis=0).tolist()


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train, print correlations on held-out clips and voices, save the moving average of both networks."""
    torch.manual_seed(seed)
    noise = load_noise(cache / "phones")
    streams, loss = sources(data, cache, noise, seed)
    held_out = {
        "s1": load(cache / "motion" / "grid_val.npz"),
        "facegood": streams["facegood"][0],
        "teacher's motion in unseen voices": taught_stream(cache, loss, "ocean_val"),
    }
    windows = Windows(streams, MelAugment(noise, seed, GAIN), seed, BATCH)

    encoder, memory = Encoder(), Memory()
    encoder.load_state_dict(torch.load(cache / "encoder.pt", weights_only=True))
    average = copy.deepcopy(encoder), copy.deepcopy(memory)
    groups = [
        {"params": encoder.parameters(), "top": ENCODER_RATE},
        {"params": memory.parameters(), "top": MEMORY_RATE},
    ]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    neutral = torch.ones(BATCH, len(PHONES))
    begin, losses = time.monotonic(), []
    for step, (mel, phones, known, answers) in enumerate(islice(prefetch(windows.batch), steps), 1):
        encoder.train(), memory.train()
        for group in optimiser.param_groups:
            group["lr"] = group["top"] * rate(step, steps, 200)
        with torch.autocast("cpu", torch.bfloat16):
            features, logits = encoder(mel)
            motion, _ = memory(features, logits, neutral)
        value = loss(motion.float(), *answers) + PHONE_WEIGHT * phone_loss(logits.float()[known], phones[known])
        descend(optimiser, value, 2.0)
        losses.append(value.item())
        for mean, now in zip(average, (encoder, memory), strict=True):
            average_into(mean, now, step)
        if step % 500 == 0 or step == steps:
            rows = "; ".join(f"{n} {np.round(correlations(*average, loss, s), 3)}" for n, s in held_out.items())
            print(
                f"step {step}, {time.monotonic() - begin:.0f} s, loss {np.mean(losses[-500:]):.3f}, {rows}", flush=True
            )
            torch.save({"encoder": average[0].state_dict(), "memory": average[1].state_dict()}, cache / "memory.pt")


if __name__ == "__main__":
    run(train, __doc__, STEPS)
