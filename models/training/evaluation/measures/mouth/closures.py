# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether lips meet on p, b and m, and whether they do where they should not."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from facewright.inference.core.channels import BILABIALS
from facewright.models.training.corpora import speechocean
from facewright.models.training.corpora.synthetic import kokoro
from facewright.models.training.evaluation.align import align, pronounce
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.closures import SHUT, Spoken, closures
from facewright.models.training.evaluation.posteriors import listener
from facewright.models.training.evaluation.recordings import PEER_CLIPS
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 50, True
NEEDS = ("grid_s1", "speechocean762", "librispeech_clean5", "speech_demo")

COLUMNS = (
    Column(
        "lips meet on p b m",
        ".3f",
        "opening of the inner lips at most 0.011 outer-eye distances within 33 ms of the phone",
    ),
    Column("of so many", ".0f", "count of aligned p b m"),
    Column("on other consonants", ".3f", "as above within the phone, none of p b m or silence beside it"),
    Column("of all closings, false", ".3f", "times of shut lips in speech with no p b m within 33 ms"),
)


def measure(bench: Bench) -> Table:
    """Tracked and predicted on s1, and predicted on read English."""
    recordings = bench.recordings
    seen, phones = bench.seen(), recordings.seen_phones
    test = [(utterance.phones, utterance.samples) for utterance in bench.read()]
    librivox = _librivox(bench)
    sets = {f"speechocean762 test, {len(test)} clips": test, f"LibriVox, {len(librivox)} clips": librivox}
    tracked = closures([Spoken(phones[t.clip.name], t.clip.times, t.clip.tracked[:, 0]) for t in seen])
    own = [(phones[take.clip.name], take.clip.samples) for take in seen]
    rows = [
        Row(f"tracked, grid_s1 dev, {len(seen)} clips", tracked, reference=True),
        Row(f"grid_s1 dev, {len(seen)} clips", closures([_spoken(bench, *clip) for clip in own])),
        *(Row(name, closures([_spoken(bench, *clip) for clip in clips])) for name, clips in sets.items()),
    ]
    if not bench.is_peer:
        first = [_spoken(bench, *clip) for clip in test[:PEER_CLIPS]]
        rows.append(Row(f"the first {len(first)} clips of speechocean762 test", closures(first), detail=True))
        chosen_on = speechocean.choosing(recordings.data / "speechocean762")
        strangers = [u for u in recordings.read_unheard if u.speaker not in chosen_on]
        unheard = [(utterance.phones, utterance.samples) for utterance in strangers]
        name = f"speechocean762, voices in no training and no choice, {len(unheard)} clips"
        rows.append(Row(name, closures([_spoken(bench, *clip) for clip in unheard])))
        libri = [(utterance.phones, utterance.samples) for utterance in recordings.libri_unheard]
        name = f"LibriSpeech, speakers in no training, {len(libri)} clips"
        rows.append(Row(name, closures([_spoken(bench, *clip) for clip in libri])))
        for language in kokoro.LANGUAGES:
            said = [(utterance.phones, utterance.samples) for utterance in recordings.synthetic(language)]
            name = f"Kokoro (synthetic), {language}, held-out voices"
            rows.append(Row(name, closures([_spoken(bench, *clip) for clip in said]), detail=True))
    note = "LibriVox: phones by espeak-ng, placed by this model's own encoder; the others' come with the recordings."
    return Table("Lips that meet", COLUMNS, tuple(rows), note)


def _librivox(bench: Bench) -> list[tuple[list[tuple[str, float, float]], np.ndarray]]:
    """Phones and samples of the LibriVox clips, which come with their text only."""
    listen = listener(bench.predictor.card)
    return [(align(pronounce(text), listen(samples)), samples) for text, samples in bench.recordings.demo]


def _spoken(bench: Bench, phones: list[tuple[str, float, float]], samples: np.ndarray) -> Spoken:
    motion = bench.animate(samples)
    return Spoken(phones, motion.times, bench.distances(motion, motion.times)[:, 0])


def plot(bench: Bench, folder: Path) -> list[str]:
    """Lip opening around the middle of every p, b and m of read English, and around other consonants."""
    import matplotlib.pyplot as plt

    around = np.arange(-0.2, 0.2001, 0.01)
    groups = {"p b m": BILABIALS, "t d k g": ("T", "D", "K", "G"), "s z sh ch": ("S", "Z", "SH", "CH")}
    clips = [_spoken(bench, utterance.phones, utterance.samples) for utterance in bench.recordings.read_test]
    figure, axes = plt.subplots(1, len(groups), figsize=(11, 2.8), sharey=True)
    for axis, (name, wanted) in zip(axes, groups.items(), strict=True):
        curves = np.array([
            np.interp((begin + end) / 2 + around, clip.times, clip.opening)
            for clip in clips for phone, begin, end in clip.phones if phone in wanted
        ])  # fmt: skip
        axis.plot(1000 * around, curves[:80].T, color="tab:red", linewidth=0.4, alpha=0.35)
        axis.plot(1000 * around, np.median(curves, axis=0), color="black", linewidth=2, label="median")
        axis.axhline(SHUT, color="0.4", linestyle=":", label="counts as shut")
        axis.set_title(f"{name} ({len(curves)})", size=9)
        axis.set_xlabel("ms from the phone's middle", size=8)
        axis.tick_params(labelsize=7)
    axes[0].set_ylabel("lip opening, outer-eye distances", size=8)
    axes[0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(folder / "evaluation-closures.png", dpi=70)
    plt.close(figure)
    return ["evaluation-closures.png"]
