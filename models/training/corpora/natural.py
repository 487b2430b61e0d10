# SPDX-License-Identifier: GPL-3.0-or-later
"""Reader for ``natural_dev``: people who speak to a camera, tracked. To measure on, never to train on.

Sound and picture of a clip are out of step by a constant that nobody knows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facewright.inference.capture.landmarks import Tracks

UNIT = 1 / 8  # pixels


def read_tracks(folder: str | Path) -> dict[str, Tracks]:
    """All clips: name -> landmarks in pixels."""
    tracks = {}
    for path in sorted(Path(folder).glob("*.npz")):
        with np.load(path) as file:
            points = file["landmarks"].astype(np.float32) * UNIT
            tracks[path.stem] = Tracks(points, tuple(range(points.shape[1])), float(file["fps"]))
    return tracks


def read_audio(folder: str | Path, clip: str) -> np.ndarray:
    """Sound of a clip: mono, 16 kHz, float32 [shape=(n,)]."""
    import soundfile

    samples, _ = soundfile.read(Path(folder) / f"{clip}.flac", dtype="float32", always_2d=True)
    return samples.mean(axis=1)
