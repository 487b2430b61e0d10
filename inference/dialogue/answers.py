# SPDX-License-Identifier: GPL-3.0-or-later
"""What a listener answers without words, by rule: nods at a partner's pauses, small nods and raised brows at stresses.

Listeners nod widely in the pauses of another's speech and narrowly in phase with its stressed syllables (Hadar, Steiner
and Rose 1985, "Head movement during listening turns in conversation", https://doi.org/10.1007/BF00986881). An answer
comes at the earliest after 0.7 s of speech (Ward and Tsukahara 2000, https://doi.org/10.1016/S0378-2166(99)00109-5).
How often and how far are choices of ours, made by eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.channels import PHONES
from ..core.curves import gaussian_window, runs
from ..core.motion import Motion
from .turns import SILENT, Role, Stretch, Turn

PAUSE, SPOKEN = 0.2, 0.7  # s; shortest pause that is answered, and shortest speech before it
STRESS = 2.0  # dB above the mean of a voice from which a peak of loudness is a stress
_AROUND = 0.3  # s about a peak in which nothing is as loud
_NOD_AT_PAUSE, _NOD_AT_STRESS, _BROWS_AT_STRESS = 0.75, 0.35, 0.4  # how often
_BETWEEN_NODS, _BETWEEN_BROWS = 1.2, 2.5  # s from the begin of one to that of the next
_BROWS = {"browInnerUp": 1.0, "browOuterUpLeft": 0.75, "browOuterUpRight": 0.7}


@dataclass(frozen=True)
class Answer:
    """A nod or a raise of the brows.

    Parameters
    ----------
    begin, length : float
        Seconds.
    size : float
        Radians of the first nod, or weight of the brows.
    times : int
        How many nods follow each other, each smaller than the one before.
    """

    begin: float
    length: float
    size: float
    times: int = 1


def answers(
    partners: Sequence[Turn], roles: Sequence[Stretch], rng: np.random.Generator
) -> tuple[list[Answer], list[Answer]]:
    """Nods and raises of the brows, each in order, that begin while the character does not speak itself."""
    nods: list[Answer] = []
    brows: list[Answer] = []
    heard = [(moment, pause) for turn in partners for moment, pause in _cues(turn)]
    quiet = [stretch for stretch in roles if stretch.role is not Role.SPEAKING]
    for moment, is_pause in sorted(heard):
        chance, delay, fast, wide = rng.random(2), rng.random(), rng.random(2), rng.random(2)
        begin = moment + (0.1 + 0.25 * delay if is_pause else 0.12 * delay)
        if not any(stretch.begin <= begin < stretch.end for stretch in quiet):
            continue
        nodded, raised = (some[-1].begin if some else -np.inf for some in (nods, brows))
        if chance[0] < (_NOD_AT_PAUSE if is_pause else _NOD_AT_STRESS) and begin >= nodded + _BETWEEN_NODS:
            times = int(rng.choice((1, 2, 3), p=(0.45, 0.4, 0.15))) if is_pause else 1
            size = np.radians((3.5 if is_pause else 1.2) + (3.5 if is_pause else 1.5) * wide[0])
            nods.append(Answer(begin, times * (0.38 + 0.16 * fast[0]), float(size), times))
        if not is_pause and chance[1] < _BROWS_AT_STRESS and begin >= raised + _BETWEEN_BROWS:
            brows.append(Answer(begin, 0.6 + 0.6 * fast[1], 0.25 + 0.3 * wide[1]))
    return nods, brows


def answered(motion: Motion, nods: Sequence[Answer], brows: Sequence[Answer], amount: float) -> Motion:
    """The motion with answers over it, `amount` times as large; weights in [0, 1]."""
    pitch, raised = (_curve(some, motion.times) for some in (nods, brows))
    motion = motion.with_channels(("headPitch",), motion.select(("headPitch",)).values + amount * pitch[:, None])
    lift = amount * raised[:, None] * np.array(list(_BROWS.values()))
    return motion.with_channels(tuple(_BROWS), (motion.select(tuple(_BROWS)).values + lift).clip(0, 1))


def _curve(some: Sequence[Answer], times: np.ndarray) -> np.ndarray:
    """The answers over time, each from 0 and back without a corner [shape=(F,)]."""
    curve = np.zeros(len(times))
    for answer in some:
        begin, end = np.searchsorted(times, (answer.begin, answer.begin + answer.length))
        phase = (times[begin:end] - answer.begin) / answer.length * answer.times
        curve[begin:end] += answer.size * 0.65 ** np.floor(phase) * np.sin(np.pi * phase) ** 2
    return curve


def _cues(turn: Turn) -> list[tuple[float, bool]]:
    """What of a turn may be answered: seconds in the shot, and whether it is a pause, or else a stress."""
    if turn.analysis is None:
        return [(turn.end, True)] if turn.end - turn.begin >= SPOKEN else []
    phonemes = turn.analysis.phonemes
    frames = min(phonemes.frames, max(int((turn.end - turn.begin - phonemes.start) * phonemes.fps), 1))
    first, fps = turn.begin + phonemes.start, phonemes.fps
    silent = phonemes.posteriors[:frames, PHONES.index("SIL")] >= SILENT
    pauses = runs(np.append(silent, np.ones(round(PAUSE * fps) + 1, bool)))  # nobody speaks after its end
    ends = np.append(0, pauses[:-1, 1])  # where each pause's speech begins
    answerable = (pauses[:, 1] - pauses[:, 0] >= PAUSE * fps) & (pauses[:, 0] - ends >= SPOKEN * fps)
    cues = [(first + row / fps, True) for row in pauses[answerable, 0]]
    return cues + [(first + row / fps, False) for row in _peaks(turn.analysis.loudness[:frames], silent, fps)]


def _peaks(loudness: np.ndarray, silent: np.ndarray, fps: float) -> np.ndarray:
    """Frames of the stresses: peaks of the smoothed loudness in speech."""
    window = gaussian_window(0.04 * fps, round(0.12 * fps))
    smooth = np.convolve(np.pad(loudness, len(window) // 2, mode="edge"), window, mode="valid")
    reach = round(_AROUND * fps)
    padded = np.pad(smooth, reach, constant_values=-np.inf)
    highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1)
    return np.flatnonzero((smooth == highest) & (smooth >= STRESS) & ~silent)
