# SPDX-License-Identifier: GPL-3.0-or-later
"""The ears' last layer learns that noise in which nobody speaks is silence; all below it is frozen.

``python -m facewright.models.training.stages.settle_phones`` after ``motion_streams``. The windows of
`train_ears` have noise behind speech but none alone, so that the ears name phones in the hiss of an empty room.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch

from facewright.models.networks.ears import load_ears
from facewright.models.training.data.heard import hear
from facewright.models.training.data.motion_streams import Stream
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.windows import TAUGHT, WINDOW, sources, still_stream
from facewright.models.training.heads.mouth_mesh import MouthMesh
from facewright.models.training.labels.phonemes import SILENCE
from facewright.models.training.stages.losses import phone_loss
from facewright.models.training.stages.options import run
from facewright.models.training.stages.steps import descend, schedule

STEPS, RATE, BATCH = 1500, 2e-3, 48
STILL = 0.3  # of the windows
KNOWN = ("grid", *TAUGHT)  # sources whose phones are known
HELD_OUT_NOISE = 1_000_003  # seed of noise that is measured


def told(layer: torch.nn.Linear, features: np.ndarray, phones: np.ndarray) -> float:
    """The share of frames whose likeliest phone is the right one."""
    with torch.no_grad():
        return float((layer(torch.from_numpy(features.astype(np.float32))).argmax(-1).numpy() == phones).mean())


def train(data: Path, cache: Path, steps: int, seed: int) -> None:
    """Train the layer, print what it tells of noise and of speech before and after, and put it into ``ears.pt``."""
    torch.manual_seed(seed)
    noise = load_noise(cache / "phones")
    every = sources(MouthMesh(data / "head_ict_facekit.npz"), cache, noise, seed)
    ears, folder = load_ears(cache / "ears.pt"), cache / "features"
    spoken: list[Stream] = [stream for name in KNOWN for stream in every[name]]
    streams = [*spoken, *every["still"]]
    heard = [hear(ears, stream, folder) for stream in streams]
    other = still_stream(noise, HELD_OUT_NOISE)
    tests = {
        "noise": (hear(ears, other, folder).features, np.full(len(other), SILENCE)),
        "speech": (heard[0].features[:20_000], spoken[0].phones[:20_000]),
    }
    share = np.array([*[(1 - STILL) / len(spoken)] * len(spoken), STILL])
    layer, rng = ears.phones.requires_grad_(True), np.random.default_rng(seed)
    print({name: round(told(layer, *test), 3) for name, test in tests.items()}, flush=True)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=RATE)
    plan, begin = schedule(optimiser, steps, 20), time.monotonic()
    for _ in range(steps):
        rows = []
        for k in rng.choice(len(streams), size=BATCH, p=share):
            start = int(rng.integers(len(streams[k]) - WINDOW))
            rows.append((heard[k].features[start : start + WINDOW], streams[k].phones[start : start + WINDOW]))
        features, phones = (np.stack(column) for column in zip(*rows, strict=True))
        logits = layer(torch.from_numpy(features.astype(np.float32)))
        descend(optimiser, phone_loss(logits, torch.from_numpy(phones.astype(np.int64))), 1.0)
        plan.step()
    took = time.monotonic() - begin
    print(f"{took:.0f} s", {name: round(told(layer, *test), 3) for name, test in tests.items()}, flush=True)
    state = torch.load(cache / "ears.pt", weights_only=True)
    for form in ("ears", "average"):
        prefix = "module." if form == "average" else ""
        for name, value in layer.state_dict().items():
            state[form][f"{prefix}phones.{name}"] = value.detach()
    torch.save(state, cache / "ears.beside.pt")
    (cache / "ears.beside.pt").replace(cache / "ears.pt")


if __name__ == "__main__":
    run(train, __doc__, STEPS)
