# SPDX-License-Identifier: GPL-3.0-or-later
"""Last steps of the memory: the encoder is frozen, its features are computed once, and the memory settles on them.

``python -m facewright.models.training.stages.settle_memory`` after ``train_memory``. While both are trained the
memory follows features that still move, in sounds that are spoilt on purpose. On features that stand still it gets
nearer to every held-out clip. A step costs a fifth of one of ``train_memory``.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facewright.inference.core.channels import PHONES
from facewright.models.networks.encoder import WIDTH, Encoder
from facewright.models.networks.memory import Memory
from facewright.models.training.data.motion_streams import Stream, load
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.windows import WINDOW, Picks, sources, taught_stream
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.stages.losses import MotionLoss
from facewright.models.training.stages.options import run
from facewright.models.training.stages.steps import averaged, descend, schedule

BATCH, STEPS, RATE = 24, 2000, 1e-3
PART = 5_000  # frames of a stream without edges that are heard at once
SHORTEST = 50  # frames of a clip that is measured


@dataclass(frozen=True, eq=False)
class Heard:
    """What a frozen encoder hears in a stream of N frames."""

    features: np.ndarray  # (N, 256) float16
    logits: np.ndarray  # (N, 40) float16

    def windows(self, part: slice) -> tuple[Tensor, Tensor]:
        """Features and logits of some frames, for the memory."""
        return torch.from_numpy(self.features[part].astype(np.float32)), torch.from_numpy(
            self.logits[part].astype(np.float32)
        )


def clips(stream: Stream, longest: int = PART) -> Iterator[slice]:
    """The clips of a stream; where its edges are not known, parts of it."""
    edges = [0, *np.flatnonzero(stream.edge[1:]) + 1, len(stream)]
    for begin, end in pairwise(edges if len(edges) > 2 else [*range(0, len(stream), longest), len(stream)]):
        yield slice(begin, end)


@torch.no_grad()
def hear(encoder: Encoder, stream: Stream, folder: Path) -> Heard:
    """Features of a whole stream; from the files in `folder`, if this encoder has heard these sounds before."""
    marks = zlib.crc32(np.ascontiguousarray(stream.mel[::50]))
    for weight in encoder.state_dict().values():
        marks = zlib.crc32(weight.numpy(), marks)
    files = [folder / f"{len(stream)}-{marks:08x}.{kind}.npy" for kind in ("features", "logits")]
    if not all(file.exists() for file in files):
        made = np.empty((len(stream), WIDTH), np.float16), np.empty((len(stream), len(PHONES)), np.float16)
        for part in clips(stream):
            mel = torch.from_numpy(stream.mel[2 * part.start : 2 * part.stop].astype(np.float32))
            for whole, value in zip(made, encoder(mel[None]), strict=True):
                whole[part] = value[0].numpy()
        folder.mkdir(parents=True, exist_ok=True)
        for file, whole in zip(files, made, strict=True):
            np.save(file, whole)
    return Heard(*(np.load(file, mmap_mode="r") for file in files))


@torch.no_grad()
def correlations(memory: Memory, mesh: MouthMesh, heard: Heard, stream: Stream) -> np.ndarray:
    """Mean over clips of the correlation of opening, width and jaw [shape=(3,)]."""
    memory.eval()
    r = []
    for part in clips(stream, 10 * WINDOW):
        if part.stop - part.start >= SHORTEST:
            features, logits = heard.windows(part)
            motion, _ = memory(features[None], logits[None], torch.ones(1, len(PHONES)))
            have, want = mesh.distances(motion)[0].numpy(), stream.distances[part]
            r.append([np.corrcoef(have[:, k], want[:, k])[0, 1] for k in range(3)])
    return np.mean(r, axis=0)


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train from the weights in ``memory.pt``, print correlations on held-out clips and voices, save in their place."""
    torch.manual_seed(seed)
    mesh = MouthMesh(data / "head_ict_facekit.npz")
    streams = sources(mesh, cache, load_noise(cache / "phones"), seed)
    loss = MotionLoss(mesh, streams["grid"][0].motion.std(axis=0))
    saved = torch.load(cache / "memory.pt", weights_only=True)
    encoder, memory = Encoder().eval(), Memory()
    encoder.load_state_dict(saved["encoder"]), memory.load_state_dict(saved["memory"])
    folder = cache / "features"
    heard = [hear(encoder, stream, folder) for some in streams.values() for stream in some]
    held_out = {
        "s1": load(cache / "motion" / "grid_val.npz"),
        "teacher's motion in unseen voices": taught_stream(cache, mesh, "ocean_val"),
    }
    tests = {name: (hear(encoder, stream, folder), stream) for name, stream in held_out.items()}
    picks = Picks(streams, seed, BATCH)
    average = averaged(memory)
    optimiser = torch.optim.AdamW(memory.parameters(), lr=RATE, weight_decay=0.02)
    plan = schedule(optimiser, steps, 100)
    neutral = torch.ones(BATCH, len(PHONES))
    begin, losses = time.monotonic(), []
    for step in range(1, steps + 1):
        memory.train()
        which, parts, answers = picks.draw()
        given = [heard[k].windows(part) for k, part in zip(which, parts, strict=True)]
        motion, _ = memory(*(torch.stack(column) for column in zip(*given, strict=True)), neutral)
        value = loss(motion, *answers)
        descend(optimiser, value, 2.0)
        plan.step()
        average.update_parameters(memory)
        losses.append(value.item())
        if step % 250 == 0 or step == steps:
            rows = "; ".join(
                f"{n} {np.round(correlations(average.module, mesh, *test), 3)}" for n, test in tests.items()
            )
            took = time.monotonic() - begin
            print(f"step {step}, {took:.0f} s, loss {np.mean(losses[-250:]):.3f}, {rows}", flush=True)
    torch.save({"encoder": saved["encoder"], "memory": average.module.state_dict()}, cache / "memory.pt")


if __name__ == "__main__":
    run(train, __doc__, STEPS)
