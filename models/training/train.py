# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the regression head on motion, the encoder with it.

``python -m facewright.models.training.train`` after ``train_encoder``, ``dataset`` and ``teacher``. Every step sees
windows of s1 (tracked video), of FACEGOOD (artist-solved), of 250 other voices with the teacher's motion, and of noise
with a still face; the phone loss goes on, so that the encoder does not become one man's.
"""

from __future__ import annotations

import argparse
import copy
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facewright.inference.channels import LIVE_LINK
from facewright.inference.features import FLOOR
from facewright.models.networks.encoder import Encoder
from facewright.models.networks.regression import RegressionHead
from facewright.models.training.augment import MelAugment
from facewright.models.training.dataset import FACEGOOD_VARIANTS, GRID_VARIANTS, Stream, load
from facewright.models.training.losses import MOUTH, MotionLoss
from facewright.models.training.phones import SILENCE, VARIANTS, labels
from facewright.models.training.teacher import truth
from facewright.models.training.train_encoder import average_into, load_noise, phone_loss

WINDOW, BATCH, STEPS = 150, 24, 2300
CHECKED = 12_000  # frames of each held-out stream that are looked at while training
HEAD_RATE, ENCODER_RATE = 1.5e-3, 3e-4
SHARES = {"grid": 0.42, "facegood": 0.15, "ocean": 0.38, "still": 0.05}
FROM_SILENCE = 0.6  # of the windows of short clips begin somewhere in the silence before the first word, as files do
PHONE_WEIGHT = 1.0
GAIN = (-6.0, 6.0)  # dB around the level that inference brings speech to: how wide a mouth opens goes with loudness
STILL_FRAMES = 20_000


def ocean_stream(cache: Path, loss: MotionLoss, name: str) -> Stream:
    """speechocean762 with the teacher's mouth; brows, eyes and head are not learned from it."""
    motion = np.load(cache / "motion" / f"{name}.npy").astype(np.float32)
    with torch.no_grad():
        made = [loss.points(part)[0] for part in torch.from_numpy(motion).split(20_000)]
    observed = np.broadcast_to(np.array(MOUTH), motion.shape)
    mel = np.load(cache / "phones" / f"{name}.mel.npy", mmap_mode="r")
    phones = np.load(cache / "phones" / f"{name}.phones.npy")
    return Stream(mel, motion, torch.cat(made).numpy(), observed, phones, np.zeros(len(motion), dtype=bool))


def still_stream(noise: list[np.ndarray], seed: int) -> Stream:
    """Silence and noise without speech (no babble), at any level, with closed, still lips."""
    rng = np.random.default_rng(seed)
    parts = [np.full((2000, noise[0].shape[1]), np.log(FLOOR))]
    while sum(map(len, parts)) < 2 * STILL_FRAMES:
        source = noise[rng.integers(len(noise) - 1)]
        start, size = rng.integers(len(source) - 1000), rng.integers(100, 1000)
        level = rng.uniform(-12.0, 2.0)
        parts.append(np.logaddexp(source[start : start + size] + level, np.log(FLOOR)))
    mel = np.concatenate(parts)[: 2 * STILL_FRAMES].astype(np.float16)
    motion = np.zeros((STILL_FRAMES, len(LIVE_LINK)), dtype=np.float32)
    observed = np.broadcast_to(np.array(MOUTH), motion.shape)
    nothing = np.zeros(STILL_FRAMES, dtype=bool)
    return Stream(mel, motion, np.zeros((STILL_FRAMES, 3), np.float32), observed, labels([], STILL_FRAMES), nothing)


class Windows:
    """Random windows of all streams, in the shares of ``SHARES``; what lies behind a clip's end is not valid."""

    def __init__(self, sources: dict[str, list[Stream]], augment: MelAugment, seed: int) -> None:
        self.streams = [stream for streams in sources.values() for stream in streams]
        self.share = np.array([SHARES[name] / len(streams) for name, streams in sources.items() for _ in streams])
        self.share /= self.share.sum()
        self.known = np.array([name != "facegood" for name, streams in sources.items() for _ in streams])
        self.edges = [np.flatnonzero(stream.edge) for stream in self.streams]
        self.augment = augment
        self.rng = np.random.default_rng(seed)

    def _start(self, k: int) -> int:
        last = len(self.streams[k]) - WINDOW
        if len(self.edges[k]) < 100:  # long takes
            return int(self.rng.integers(last))
        start = int(self.rng.choice(self.edges[k]))
        spoken = np.flatnonzero(self.streams[k].phones[start : start + WINDOW] != SILENCE)
        silence = int(spoken[0]) if len(spoken) else 0
        reach = silence + 1 if self.rng.random() < FROM_SILENCE else 100
        return min(start + int(self.rng.integers(reach)), last)

    def batch(self) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, ...]]:
        """Mel, phones, which windows have known phones, and the truth of the motion."""
        which = self.rng.choice(len(self.streams), size=BATCH, p=self.share)
        starts = [self._start(k) for k in which]
        parts = [slice(start, start + WINDOW) for start in starts]
        mel = np.stack([self.streams[k].mel[2 * p.start : 2 * p.stop] for k, p in zip(which, parts, strict=True)])
        phones = np.stack([self.streams[k].phones[p] for k, p in zip(which, parts, strict=True)])
        return (
            torch.from_numpy(self.augment(mel.astype(np.float32))),
            torch.from_numpy(phones.astype(np.int64)),
            torch.from_numpy(self.known[which]),
            truth(self.streams, which, parts),
        )


@torch.no_grad()
def correlations(encoder: Encoder, head: RegressionHead, loss: MotionLoss, held_out: Stream) -> list[float]:
    """Mean over clips of the correlation of opening, width and jaw, in the beginning of a stream."""
    encoder.eval(), head.eval()
    edges = [0, *np.flatnonzero(held_out.edge[1:CHECKED]) + 1, min(len(held_out), CHECKED)]
    r = []
    for begin, end in pairwise(edges):
        mel = torch.from_numpy(held_out.mel[2 * begin : 2 * end].astype(np.float32))
        have = loss.points(head(*encoder(mel[None])))[0][0].numpy()
        r.append([np.corrcoef(have[:, k], held_out.distances[begin:end, k])[0, 1] for k in range(3)])
    return np.mean(r, axis=0).tolist()


def train(data: Path, cache: Path, out: Path, steps: int, seed: int, sources: tuple[str, ...]) -> None:
    """Train, print correlations on held-out clips and voices, save the moving average of both networks."""
    torch.manual_seed(seed)
    noise = load_noise(cache / "phones")
    streams = {"grid": [load(cache / "motion" / f"grid{v}.npz") for v in range(GRID_VARIANTS)]}
    streams["facegood"] = [load(cache / "motion" / f"facegood{v}.npz") for v in range(FACEGOOD_VARIANTS)]
    loss = MotionLoss(data / "head_ict_facekit.npz", streams["grid"][0].motion.std(axis=0))
    streams["ocean"] = [ocean_stream(cache, loss, f"ocean{v}") for v in range(VARIANTS)]
    streams["still"] = [still_stream(noise, seed)]
    held_out = {
        "s1": load(cache / "motion" / "grid_val.npz"),
        "facegood as a stranger" if "facegood" not in sources else "facegood": streams["facegood"][0],
        "teacher's motion in unseen voices": ocean_stream(cache, loss, "ocean_val"),
    }
    windows = Windows({name: streams[name] for name in sources}, MelAugment(noise, seed, GAIN), seed)

    encoder, head = Encoder(), RegressionHead()
    encoder.load_state_dict(torch.load(cache / "encoder.pt", weights_only=True))
    average = copy.deepcopy(encoder), copy.deepcopy(head)
    groups = [{"params": encoder.parameters(), "top": ENCODER_RATE}, {"params": head.parameters(), "top": HEAD_RATE}]
    optimiser = torch.optim.AdamW(groups, weight_decay=0.02)
    begin, losses = time.monotonic(), []
    for step in range(1, steps + 1):
        encoder.train(), head.train()
        for group in optimiser.param_groups:
            group["lr"] = group["top"] * min(step / 200, 1.0) * 0.5 * (1 + np.cos(np.pi * step / steps))
        mel, phones, known, answers = windows.batch()
        with torch.autocast("cpu", torch.bfloat16):
            features, logits = encoder(mel)
            motion = head(features, logits)
        value = loss(motion.float(), *answers)
        if known.any():
            value = value + PHONE_WEIGHT * phone_loss(logits.float()[known], phones[known])
        optimiser.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_([*encoder.parameters(), *head.parameters()], 2.0)
        optimiser.step()
        losses.append(value.item())
        for mean, now in zip(average, (encoder, head), strict=True):
            average_into(mean, now, min(0.998, step / (step + 20)))
        if step % 500 == 0 or step == steps:
            rows = "; ".join(f"{n} {np.round(correlations(*average, loss, s), 3)}" for n, s in held_out.items())
            print(
                f"step {step}, {time.monotonic() - begin:.0f} s, loss {np.mean(losses[-500:]):.3f}, {rows}", flush=True
            )
            torch.save({"encoder": average[0].state_dict(), "head": average[1].state_dict()}, out)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    parser.add_argument("--out", type=Path, default=Path(".cache/motion.pt"))
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sources", nargs="+", choices=tuple(SHARES), default=tuple(SHARES))
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(arguments.data, arguments.cache, arguments.out, arguments.steps, arguments.seed, tuple(arguments.sources))


if __name__ == "__main__":
    main()
