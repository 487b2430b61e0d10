# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-train the encoder on phones.

``python -m facewright.models.training.stages.train_encoder`` after ``phone_streams``: saves the moving average of the
weights to ``.cache/encoder.pt`` every few hundred steps. A step takes about 0.3 s on one processor core with bfloat16.
"""

from __future__ import annotations

import argparse
import time
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from facewright.models.networks.encoder import Encoder
from facewright.models.training.data.augment import MelAugment
from facewright.models.training.data.loading import batches
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.phone_windows import PhoneWindows, statistics
from facewright.models.training.labels.phonemes import SILENCE
from facewright.models.training.stages.losses import phone_loss
from facewright.models.training.stages.steps import averaged, descend, mixed, schedule

BATCH = 32
PEAK_RATE = 1.5e-3
GAIN = (-20.0, 8.0)  # dB; phones are the same however loud
STEPS = 12000


@torch.no_grad()
def accuracy(encoder: Encoder, cache: Path, name: str) -> tuple[float, float]:
    """Fraction of frames with the right phone, over all frames and over those that are not silence."""
    encoder.eval()
    mel = torch.from_numpy(np.load(cache / f"{name}.mel.npy").astype(np.float32))
    phones = torch.from_numpy(np.load(cache / f"{name}.phones.npy"))
    right = []
    for begin in range(0, len(phones), 5000):
        _, logits = encoder(mel[None, 2 * begin : 2 * (begin + 5000)])
        right.append(logits[0].argmax(-1) == phones[begin : begin + 5000])
    hit = torch.cat(right).float()
    return hit.mean().item(), hit[phones != SILENCE].mean().item()


def train(cache: Path, out: Path, steps: int, seed: int, start: Path | None) -> None:
    """Train, from the weights in `start` if given, print figures of the held-out clips, save."""
    torch.manual_seed(seed)
    windows = PhoneWindows(cache, MelAugment(load_noise(cache), seed, GAIN), seed, BATCH)
    encoder = Encoder(*statistics(cache))
    if start is not None:
        encoder.load_state_dict(torch.load(start, weights_only=True), strict=False)  # later blocks may be new
    average = averaged(encoder)
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=PEAK_RATE, weight_decay=0.02)
    plan = schedule(optimiser, steps, 200)
    begin, losses = time.monotonic(), []
    for step, (mel, phones, _, _) in enumerate(islice(batches(windows.batch), steps), 1):
        encoder.train()
        with mixed():
            _, logits = encoder(mel)
        loss = phone_loss(logits.float(), phones)
        descend(optimiser, loss, 1.0)
        plan.step()
        average.update_parameters(encoder)
        losses.append(loss.item())
        if step % 500 == 0 or step == steps:
            ocean, s1 = accuracy(average.module, cache, "ocean_val"), accuracy(average.module, cache, "grid_val")
            print(
                f"step {step}, {time.monotonic() - begin:.0f} s, loss {np.mean(losses[-500:]):.3f}, frames right "
                f"(without silence): speechocean {ocean[0]:.3f} ({ocean[1]:.3f}), s1 {s1[0]:.3f} ({s1[1]:.3f})",
                flush=True,
            )
            torch.save(average.module.state_dict(), out)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, default=Path(".cache/phones"))
    parser.add_argument("--out", type=Path, default=Path(".cache/encoder.pt"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--start", type=Path, help="go on from these weights")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(arguments.cache, arguments.out, arguments.steps, arguments.seed, arguments.start)


if __name__ == "__main__":
    main()
