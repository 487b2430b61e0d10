# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-train the encoder on phones.

``python -m facewright.models.training.stages.train_encoder`` after ``phones``: saves the moving average of the weights
to ``.cache/encoder.pt`` every few hundred steps. A step takes about 0.3 s on one processor core with bfloat16.
"""

from __future__ import annotations

import argparse
import copy
import time
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facewright.inference.core.channels import PHONES
from facewright.models.networks.encoder import Encoder
from facewright.models.training.corpora.augment import MelAugment
from facewright.models.training.labels.phonemes import SILENCE, VARIANTS
from facewright.models.training.stages.descent import average_into, descend, rate
from facewright.models.training.stages.prefetch import prefetch

WINDOW = 150  # frames, 3 s
BATCH = 32
# Of the windows. GRID's s1 is one voice, but the accent and words that the motion is learned from; synthetic voices
# have exact phones and speak languages, and phones, that the others lack.
SHARES = {"ocean": 0.45, "grid": 0.2, "synth": 0.35}
PEAK_RATE = 1.5e-3
GAIN = (-20.0, 8.0)  # dB; phones are the same however loud
STEPS = 12000
UNKNOWN = -1  # a phone of a synthetic voice that no ARPAbet phone is like: not learned from


class Streams:
    """Random windows of cached streams of mel and phones."""

    def __init__(self, cache: Path, augment: MelAugment, seed: int) -> None:
        names = [f"{source}{variant}" for source in SHARES for variant in range(VARIANTS)]
        self.mel = [np.load(cache / f"{name}.mel.npy", mmap_mode="r") for name in names]
        self.phones = [np.load(cache / f"{name}.phones.npy") for name in names]
        self.share = np.array([SHARES[name.rstrip("0123456789")] / VARIANTS for name in names])
        self.augment = augment
        self.rng = np.random.default_rng(seed)

    def batch(self) -> tuple[Tensor, Tensor]:
        """Augmented mel ``(B, 2 WINDOW, 80)`` and phone numbers ``(B, WINDOW)``."""
        mel = np.empty((BATCH, 2 * WINDOW, self.mel[0].shape[1]), dtype=np.float32)
        phones = np.empty((BATCH, WINDOW), dtype=np.int64)
        for k, stream in enumerate(self.rng.choice(len(self.mel), size=BATCH, p=self.share)):
            start = self.rng.integers(len(self.phones[stream]) - WINDOW)
            mel[k] = self.mel[stream][2 * start : 2 * (start + WINDOW)]
            phones[k] = self.phones[stream][start : start + WINDOW]
        return torch.from_numpy(self.augment(mel)), torch.from_numpy(phones)


def load_noise(cache: Path) -> list[np.ndarray]:
    """What ``phones`` wrote to ``noise.npz``."""
    with np.load(cache / "noise.npz") as file:
        return [file[name] for name in file.files]


def statistics(cache: Path) -> tuple[Tensor, Tensor]:
    """Mean and deviation of the log-mel, the same for all bands' deviation so that tilt stays comparable."""
    mel = np.load(cache / "ocean0.mel.npy", mmap_mode="r")[::50].astype(np.float32)
    return torch.from_numpy(mel.mean(axis=0)), torch.full((mel.shape[1],), float(mel.std()))


def phone_loss(logits: Tensor, phones: Tensor) -> Tensor:
    """Cross-entropy over frames; silence, a third of all frames and easy, counts half."""
    weight = torch.ones(len(PHONES))
    weight[SILENCE] = 0.5
    return functional.cross_entropy(
        logits.flatten(0, 1), phones.flatten(), weight=weight, label_smoothing=0.05, ignore_index=UNKNOWN
    )


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
    streams = Streams(cache, MelAugment(load_noise(cache), seed, GAIN), seed)
    encoder = Encoder(*statistics(cache))
    if start is not None:
        encoder.load_state_dict(torch.load(start, weights_only=True), strict=False)  # later blocks may be new
    average = copy.deepcopy(encoder)
    optimiser = torch.optim.AdamW(encoder.parameters(), lr=PEAK_RATE, weight_decay=0.02)
    begin, losses = time.monotonic(), []
    for step, (mel, phones) in enumerate(islice(prefetch(streams.batch), steps), 1):
        encoder.train()
        optimiser.param_groups[0]["lr"] = PEAK_RATE * rate(step, steps, 200)
        with torch.autocast("cpu", torch.bfloat16):
            _, logits = encoder(mel)
        loss = phone_loss(logits.float(), phones)
        descend(optimiser, loss, 1.0)
        losses.append(loss.item())
        average_into(average, encoder, step)
        if step % 500 == 0 or step == steps:
            ocean, s1 = accuracy(average, cache, "ocean_val"), accuracy(average, cache, "grid_val")
            print(
                f"step {step}, {time.monotonic() - begin:.0f} s, loss {np.mean(losses[-500:]):.3f}, frames right "
                f"(without silence): speechocean {ocean[0]:.3f} ({ocean[1]:.3f}), s1 {s1[0]:.3f} ({s1[1]:.3f})",
                flush=True,
            )
            torch.save(average.state_dict(), out)


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
