# SPDX-License-Identifier: GPL-3.0-or-later
"""Framewise phone accuracy of the encoder on voices and clips kept out of training."""

from __future__ import annotations

import numpy as np

from facewright.inference.core.channels import PHONES
from facewright.inference.core.timing import MOTION_FPS
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.posteriors import listener
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 90, False

COLUMNS = (
    Column("phones right", ".3f", "frames, 50 a second, whose likeliest phone is the aligned one"),
    Column("phones right without silence", ".3f", "the same over frames that are aligned to a phone"),
)
SILENCE = PHONES.index("SIL")


def aligned(phones: list[tuple[str, float, float]], frames: int) -> np.ndarray:
    """Number of the phone at each frame [shape=(frames,)]; silence where none is."""
    times = np.arange(frames) / MOTION_FPS
    out = np.full(frames, SILENCE)
    for phone, begin, end in phones:
        out[(times >= begin) & (times < end)] = PHONES.index(phone)
    return out


def measure(bench: Bench) -> Table:
    """Read English and s1's kept clips."""
    recordings = bench.recordings
    unheard = recordings.read_unheard
    voices = len({utterance.speaker for utterance in unheard})
    sets = {
        f"speechocean762, {voices} voices in no training": [(u.samples, u.phones) for u in unheard],
        f"grid_s1 dev, {len(recordings.seen)} clips": [
            (clip.samples, recordings.seen_phones[clip.name]) for clip in recordings.seen
        ],
    }
    listen = listener(bench.predictor.card)
    rows = []
    for name, clips in sets.items():
        heard = [listen(samples).argmax(axis=1) for samples, _ in clips]
        truth = [aligned(phones, len(frames)) for (_, phones), frames in zip(clips, heard, strict=True)]
        right, phone = np.concatenate(heard) == np.concatenate(truth), np.concatenate(truth) != SILENCE
        rows.append(Row(name, (float(right.mean()), float(right[phone].mean()))))
    return Table("What the encoder hears", COLUMNS, tuple(rows))
