# SPDX-License-Identifier: GPL-3.0-or-later
"""Reader for FACEGOOD-Audio2Face: one Mandarin-speaking woman, and the curves an artist's rig was solved to.

https://github.com/FACEGOOD/FACEGOOD-Audio2Face, ``code/train``, MIT licence: 116 rig curves at 30 fps, of which about
23 move.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

FPS = 30.0
DEV = frozenset({"3_16"})  # takes never to be trained on


def read_curves(folder: str | Path) -> dict[str, dict[str, np.ndarray]]:
    """Take -> curve name -> (F,) values."""
    takes = {}
    for path in sorted(Path(folder).glob("*.npz")):
        with np.load(path) as file:
            takes[path.stem] = dict(zip(file["channels"].tolist(), file["curves"].astype(np.float64).T, strict=True))
    return takes


def read_audio(folder: str | Path, take: str) -> tuple[np.ndarray, int]:
    """Sound of a take as stored: mono samples (float32) and their rate."""
    import soundfile

    samples, rate = soundfile.read(Path(folder) / f"{take}.flac", dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate
