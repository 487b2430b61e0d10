# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers for GRID: real speech with real, tracked face motion.

Cooke, Barker, Cunningham, Shao (2006), "An audio-visual corpus for speech perception and automatic speech
recognition", JASA 120(5), CC BY 4.0. ``grid_s1`` is one speaker, 989 clips; ``grid_unseen_dev`` is clips of others, who
are never trained on.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from facewright.inference.capture.landmarks import Tracks

FPS = 25.0
UNIT = 1 / 8  # pixels of the video at twice its size


def read_tracks(folder: str | Path) -> dict[str, Tracks]:
    """All tracked clips of ``grid_s1``: clip name -> landmarks in pixels."""
    with np.load(Path(folder) / "landmarks.npz") as file:
        index = tuple(int(number) for number in file["landmark_index"])
        clips, frames, deltas = file["clips"].tolist(), file["frames"], file["deltas"]
    parts = np.split(deltas, np.cumsum(frames)[:-1])
    return {
        clip: Tracks(np.cumsum(part, axis=0, dtype=np.int32).astype(np.float32) * UNIT, index, FPS)
        for clip, part in zip(clips, parts, strict=True)
    }


def read_unseen(folder: str | Path) -> dict[str, Tracks]:
    """The clips of ``grid_unseen_dev``: clip name -> landmarks in pixels. `speaker_of` says whose a clip is."""
    tracks = {}
    for path in sorted(Path(folder).glob("*.npz")):
        with np.load(path) as file:
            index = tuple(int(number) for number in file["landmark_index"])
            tracks[path.stem] = Tracks(file["landmarks"].astype(np.float32) * UNIT, index, float(file["fps"]))
    return tracks


def read_unseen_audio(folder: str | Path, clip: str) -> tuple[np.ndarray, int]:
    """Sound of a ``grid_unseen_dev`` clip as stored, WAV or FLAC: mono samples (float32) and their rate.

    Raises
    ------
    FileNotFoundError
        When there is neither.
    """
    import soundfile

    paths = [Path(folder) / f"{clip}{suffix}" for suffix in (".wav", ".flac")]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        raise FileNotFoundError(f"Expected {paths[0].name} or {paths[1].name} in {folder}.")
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate


def speaker_of(clip: str) -> str:
    """Who speaks in a ``grid_unseen_dev`` clip: ``s5`` in ``s5_bbae8n``; a clip named without its speaker is alone."""
    return clip.split("_")[0]


def read_split(folder: str | Path) -> frozenset[str]:
    """Clips of ``grid_s1`` that are never trained on."""
    return frozenset(json.loads((Path(folder) / "split.json").read_text())["dev"])


def read_phones(folder: str | Path) -> dict[str, list[tuple[str, float, float]]]:
    """Force-aligned phones of ``grid_s1``: clip -> [(ARPAbet, start s, end s)]."""
    alignments = json.loads((Path(folder) / "alignments.json").read_text())
    return {
        clip: [(phone, start / 100, (start + length) / 100) for phone, start, length in entry["phones"]]
        for clip, entry in alignments.items()
    }


def grid_split(data: Path) -> tuple[list[str], list[str]]:
    """Clips of s1 to train on and to choose with; the corpus' ``dev`` clips are in neither."""
    dev = read_split(data / "grid_s1")
    with np.load(data / "grid_s1" / "landmarks.npz") as tracked:
        clips = [clip for clip in sorted(tracked["clips"].tolist()) if clip not in dev]
    return [clip for k, clip in enumerate(clips) if k % 16], clips[::16]


def read_audio(folder: str | Path, clip: str) -> tuple[np.ndarray, int]:
    """Sound of a ``grid_s1`` clip as stored: mono samples (float32) and their rate."""
    import soundfile

    with zipfile.ZipFile(Path(folder) / "audio.zip") as archive:
        samples, rate = soundfile.read(io.BytesIO(archive.read(f"{clip}.ogg")), dtype="float32", always_2d=True)
    return samples.mean(axis=1), rate
