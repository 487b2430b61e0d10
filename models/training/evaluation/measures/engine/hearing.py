# SPDX-License-Identifier: GPL-3.0-or-later
"""Framewise phone accuracy of the encoder on voices and clips kept out of training."""

from __future__ import annotations

import numpy as np

from facewright.models.training.corpora.synthetic import kokoro
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.posteriors import listener
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.labels.phonemes import SILENCE, labels

ORDER, PEER = 90, False
NEEDS = ("grid_s1", "speechocean762", "librispeech_clean5")

COLUMNS = (
    Column("phones right", ".3f", "frames, 50 a second, whose likeliest phone is the aligned one"),
    Column("phones right without silence", ".3f", "the same over frames that are aligned to a phone"),
)


def measure(bench: Bench) -> Table:
    """Read English, s1's kept clips, and voices of Kokoro in eight languages."""
    recordings = bench.recordings
    unheard = recordings.read_unheard
    voices = len({utterance.speaker for utterance in unheard})
    sets = {
        f"speechocean762, {voices} voices in no training": [(u.samples, u.phones) for u in unheard],
        f"grid_s1 dev, {len(recordings.seen)} clips": [
            (clip.samples, recordings.seen_phones[clip.name]) for clip in recordings.seen
        ],
    }
    libri = recordings.libri_unheard
    readers = len({utterance.speaker for utterance in libri})
    sets[f"LibriSpeech, {readers} speakers in no training, {len(libri)} clips"] = [(u.samples, u.phones) for u in libri]
    for language in kokoro.LANGUAGES:
        said = recordings.synthetic(language)
        sets[f"Kokoro (synthetic), {language}, held-out voices"] = [(u.samples, u.phones) for u in said]
    listen = listener(bench.predictor.card)
    rows = []
    for name, clips in sets.items():
        heard = [listen(samples).argmax(axis=1) for samples, _ in clips]
        truth = [labels(phones, len(frames)) for (_, phones), frames in zip(clips, heard, strict=True)]
        right, phone = np.concatenate(heard) == np.concatenate(truth), np.concatenate(truth) != SILENCE
        rows.append(Row(name, (float(right.mean()), float(right[phone].mean()))))
    return Table("What the encoder hears", COLUMNS, tuple(rows))
