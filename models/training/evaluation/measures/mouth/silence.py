# SPDX-License-Identifier: GPL-3.0-or-later
"""How much the lips move where nobody speaks: silence, noise, hum, and pauses between words."""

from __future__ import annotations

import numpy as np

from facewright.inference.audio.loudness import loudness_curve
from facewright.inference.core.audio import RATE
from facewright.inference.core.timing import MOTION_FPS
from facewright.models.training.corpora.speechocean import Utterance
from facewright.models.training.evaluation.bench import Bench
from facewright.models.training.evaluation.table import Column, Row, Table
from facewright.models.training.heads import masks

ORDER, PEER = 70, True
NEEDS = ("grid_s1", "speechocean762")

SECONDS = 10
PAUSE = 0.5  # seconds a silence between words must last
SETTLED = 0.2  # seconds after and before speech that do not count
QUIET = -25.0  # dB of the speech of its clip; a pause that nowhere is louder is quiet
COLUMNS = (
    Column("lip opening, pupil distances per s", ".4f", "mean absolute speed of the lip opening, over pupil distance"),
    Column("lip vertices, pupil distances per s", ".4f", "mean speed of all lip vertices, over pupil distance"),
    Column("widest opening", ".3f", "widest lip opening, in pupil distances"),
)


def sounds() -> dict[str, np.ndarray]:
    """Ten seconds each in which nobody speaks, mono 16 kHz; levels are of the root mean square, full scale 1."""
    rng = np.random.default_rng(0)
    count = SECONDS * RATE
    white = rng.standard_normal(count)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    pink = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), n=count)
    time = np.arange(count) / RATE
    hum = np.sum([np.sin(2 * np.pi * 50 * k * time + k) / k for k in range(1, 9)], axis=0)
    levels = {
        "digital silence": (white, 0.0), "white noise, -60 dB": (white, 1e-3), "white noise, -30 dB": (white, 0.0316),
        "pink noise, -60 dB": (pink, 1e-3), "pink noise, -30 dB": (pink, 0.0316),
    }  # fmt: skip
    made = {name: level * noise / noise.std() for name, (noise, level) in levels.items()}
    made["mains hum in a quiet room, -50 dB"] = 0.00316 * hum / hum.std() + 5e-4 * pink / pink.std()
    return {name: samples.astype(np.float32) for name, samples in made.items()}


def speeds(points: np.ndarray, fps: float) -> np.ndarray:
    """Mean over points of their speed between frames, (F - 1,), for positions (F, points, axes)."""
    return np.linalg.norm(np.diff(points, axis=0), axis=-1).mean(axis=1) * fps


def pauses(phones: list[tuple[str, float, float]]) -> list[tuple[float, float]]:
    """Begin and end of what counts of each long enough silence between words."""
    inner = phones[1:-1]
    return [(a + SETTLED, b - SETTLED) for phone, a, b in inner if phone == "SIL" and b - a >= PAUSE]


def is_quiet(samples: np.ndarray, begin: float, end: float) -> bool:
    """Whether nobody speaks between two times, by the sound alone, and both lie in it."""
    level = loudness_curve(samples)
    inside = level[round(begin * MOTION_FPS) : round(end * MOTION_FPS) + 1]
    return begin >= 0 and end * RATE <= len(samples) and bool((inside < QUIET).all())


def measure(bench: Bench) -> Table:
    """Sounds without speech one by one; pauses of read English; silence around the words of s1, tracked, too."""
    rows, pooled = [], []
    for name, samples in sounds().items():
        moved = _Moved(bench, samples)
        pooled.append(moved.between(0.0, np.inf))
        rows.append(Row(name, figures(pooled[-1:]), detail=True))
    rows.append(Row(f"all of these, {len(pooled)} x {SECONDS} s", figures(pooled)))
    rows += _between_words(bench, "speechocean762 test", bench.read())
    if not bench.is_peer:
        rows += _between_words(bench, "speechocean762, voices in no training", bench.recordings.read_unheard)
    rows += _around_words(bench)
    note = (
        f"Pupil distance: between the centres of the eyeballs. Pauses: aligned silence of at least {PAUSE} s between "
        f"words without its first and last {SETTLED} s. Readers also repeat and hesitate aloud where the alignment has "
        f"silence; quiet are those pauses that nowhere reach {QUIET:g} dB of the speech of their clip."
    )
    return Table("Lips where nobody speaks", COLUMNS, tuple(rows), note)


class _Moved:
    """Speeds of a sound's lips, in pupil distances."""

    def __init__(self, bench: Bench, samples: np.ndarray) -> None:
        head = bench.recordings.head
        motion = bench.animate(samples)
        unit = masks.pupil_distance(head)
        self.times = motion.times
        self.opening = bench.distances(motion, motion.times)[:, 0] * head.eye_distance / unit
        lips = bench.vertices(motion, motion.times, masks.lips(head)) * 100 / unit
        self.columns = speeds(self.opening[:, None, None], motion.fps), speeds(lips, motion.fps)

    def between(self, begin: float, end: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Speeds (frames,) of opening and vertices between two times, and the opening there."""
        inside = (self.times >= begin) & (self.times <= end)
        both = inside[1:] & inside[:-1]
        return self.columns[0][both], self.columns[1][both], self.opening[inside]


def _between_words(bench: Bench, name: str, clips: list[Utterance]) -> list[Row]:
    """All pauses of these clips together, and the quiet ones of them."""
    parts, still = [], []
    for utterance in clips:
        silent = pauses(utterance.phones)
        if silent:
            moved = _Moved(bench, utterance.samples)
            parts += [moved.between(*pause) for pause in silent]
            still += [moved.between(*pause) for pause in silent if is_quiet(utterance.samples, *pause)]
    rows = [(f"{len(parts)} pauses between words", parts), (f"{len(still)} quiet ones of them", still)]
    return [Row(f"{name}, {what}", figures(found)) for what, found in rows if found]


def figures(parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> tuple[float, float, float]:
    """The figures of a row, in the order of ``COLUMNS``."""
    opening, lips, open_by = (np.concatenate(column) for column in zip(*parts, strict=True))
    return float(opening.mean()), float(lips.mean()), float(open_by.max())


def _around_words(bench: Bench) -> list[Row]:
    """Speed of the opening in s1's aligned silence, before and after words, tracked and predicted, at 25 fps."""
    head, phones = bench.recordings.head, bench.recordings.seen_phones
    scale = head.eye_distance / masks.pupil_distance(head)
    found: dict[bool, list[np.ndarray]] = {True: [], False: []}
    for take in bench.seen():
        times = take.clip.times
        silent = np.zeros(len(times), dtype=bool)
        for phone, begin, end in phones[take.clip.name]:
            if phone == "SIL":
                silent |= (times >= (begin + SETTLED if begin else 0.0)) & (times < end - SETTLED)
        both = silent[1:] & silent[:-1]
        for tracked, curve in ((True, take.clip.tracked), (False, take.predicted)):
            found[tracked].append(scale * (np.abs(np.diff(curve[:, 0])) / np.diff(times))[both])
    name = f"grid_s1 dev, {len(bench.recordings.seen)} clips, around the words"
    means = {tracked: float(np.concatenate(parts).mean()) for tracked, parts in found.items()}
    return [
        Row(f"tracked, {name}", (means[True], None, None), reference=True),
        Row(name, (means[False], None, None)),
    ]
