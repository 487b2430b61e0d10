# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a vowel opens the mouth the wider, the louder it is said."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from facewright.inference.audio.loudness import SPEECH_LEVEL, gain_to_speech_level
from facewright.inference.core.audio import RATE
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.figures.signals import correlation
from facewright.models.training.evaluation.table import Column, Row, Table

ORDER, PEER = 65, True
NEEDS = ("grid_s1", "speechocean762")

VOWELS = ("AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW")
MIDDLE = 0.5  # part of each vowel, around its middle, that is measured
FEWEST = 20  # vowels of a speaker
COLUMNS = (
    Column("r", ".2f", "loudness of a vowel in its clip, dB, against lip opening; by speaker, then the mean"),
    Column("r, vowel by vowel", ".2f", "the same after the mean of each vowel is taken from both"),
    Column("opening per 10 dB, vowel by vowel", ".4f", "slope of that, outer-eye distances; by speaker, then the mean"),
    Column("of so many", ".0f", "count of vowels"),
)


@dataclass(frozen=True)
class Vowel:
    """One vowel: who said which, dB above the speech level of its clip, and lip opening in outer-eye distances."""

    speaker: str
    phone: str
    loudness: float
    opening: float


def vowels(
    speaker: str, phones: list[tuple[str, float, float]], samples: np.ndarray, times: np.ndarray, opening: np.ndarray
) -> list[Vowel]:
    """The vowels of a clip; `opening` [shape=(F,)] at `times` [shape=(F,)]."""
    gain, found = gain_to_speech_level(samples), []
    for phone, begin, end in phones:
        if phone in VOWELS:
            cut = (1 - MIDDLE) / 2 * (end - begin)
            heard = samples[int((begin + cut) * RATE) : int((end - cut) * RATE)]
            power = float(np.mean(np.square(gain * heard))) if len(heard) else 0.0
            if power > 0:
                wide = np.interp(np.linspace(begin + cut, end - cut, 5), times, opening).mean()
                found.append(Vowel(speaker, phone, 10 * np.log10(power / SPEECH_LEVEL), float(wide)))
    return found


def with_loudness(found: list[Vowel]) -> tuple[float | None, ...]:
    """What the columns say; None where nobody said enough."""
    of_phone = defaultdict(list)
    for one in found:
        of_phone[one.phone].append((one.loudness, one.opening))
    usual = {phone: np.mean(pairs, axis=0) for phone, pairs in of_phone.items()}
    of_speaker = defaultdict(list)
    for one in found:
        of_speaker[one.speaker].append((one.loudness, one.opening, *usual[one.phone]))
    rows = []
    for pairs in of_speaker.values():
        if len(pairs) >= FEWEST:
            loud, wide, usually_loud, usually_wide = np.array(pairs).T
            x, y = loud - usually_loud, wide - usually_wide
            slope = np.cov(x, y)[0, 1] / x.var(ddof=1)
            rows.append((correlation(loud, wide), correlation(x, y), 10 * slope))
    means = [float(mean) for mean in np.mean(rows, axis=0)] if rows else [None] * 3
    return (*means, float(len(found)))


def measure(bench: Bench) -> Table:
    """Tracked on s1; predicted on s1 and on read English, of voices in no training too."""
    recordings = bench.recordings
    phones = recordings.seen_phones
    tracked = [v for c in recordings.seen for v in vowels("s1", phones[c.name], c.samples, c.times, c.tracked[:, 0])]
    sets = {
        f"grid_s1 dev, {len(recordings.seen)} clips": [("s1", phones[c.name], c.samples) for c in recordings.seen],
        f"speechocean762 test, {len(bench.read())} clips": [(u.speaker, u.phones, u.samples) for u in bench.read()],
    }
    if not bench.is_peer:
        unheard = [(u.speaker, u.phones, u.samples) for u in recordings.read_unheard[::4]]
        sets[f"speechocean762, voices in no training, {len(unheard)} clips"] = unheard
    rows = [Row(f"tracked, grid_s1 dev, {len(recordings.seen)} clips", with_loudness(tracked), reference=True)]
    for name, clips in sets.items():
        rows.append(Row(name, with_loudness([vowel for clip in clips for vowel in _said(bench, *clip)])))
    return Table("Loud vowels open", COLUMNS, tuple(rows), f"Speakers with fewer than {FEWEST} vowels do not count.")


def _said(bench: Bench, speaker: str, phones: list[tuple[str, float, float]], samples: np.ndarray) -> list[Vowel]:
    motion = bench.animate(samples)
    return vowels(speaker, phones, samples, motion.times, bench.distances(motion, motion.times)[:, 0])
