# SPDX-License-Identifier: GPL-3.0-or-later
"""Times of the phones of speech with a transcript: pronounced by espeak-ng, placed by Viterbi on phone posteriors."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from facewright.inference.core.channels import PHONES
from facewright.inference.core.timing import MOTION_FPS
from facewright.models import espeak

SHORTEST = 2  # frames of a phone, 40 ms

# espeak-ng's American English, IPA without stress, in ARPAbet.
ARPABET: dict[str, tuple[str, ...]] = {
    "ɑː": ("AA",), "æ": ("AE",), "ʌ": ("AH",), "ə": ("AH",), "ɐ": ("AH",), "ɔː": ("AO",), "ɔ": ("AO",),
    "aʊ": ("AW",), "aɪ": ("AY",), "ɛ": ("EH",), "ɚ": ("ER",), "ɜː": ("ER",), "eɪ": ("EY",), "ɪ": ("IH",),
    "ᵻ": ("IH",), "iː": ("IY",), "i": ("IY",), "oʊ": ("OW",), "ɔɪ": ("OY",), "ʊ": ("UH",), "uː": ("UW",),
    "ɑːɹ": ("AA", "R"), "ɔːɹ": ("AO", "R"), "oːɹ": ("AO", "R"), "ɛɹ": ("EH", "R"), "ɪɹ": ("IH", "R"),
    "ʊɹ": ("UH", "R"), "əl": ("AH", "L"), "iə": ("IY", "AH"), "aɪɚ": ("AY", "ER"), "aɪə": ("AY", "AH"),
    "b": ("B",), "tʃ": ("CH",), "d": ("D",), "ð": ("DH",), "f": ("F",), "ɡ": ("G",), "h": ("HH",), "dʒ": ("JH",),
    "k": ("K",), "l": ("L",), "m": ("M",), "n": ("N",), "ŋ": ("NG",), "p": ("P",), "ɹ": ("R",), "s": ("S",),
    "ʃ": ("SH",), "t": ("T",), "ɾ": ("D",), "ʔ": ("T",), "θ": ("TH",), "v": ("V",), "w": ("W",), "j": ("Y",),
    "z": ("Z",), "ʒ": ("ZH",),
}  # fmt: skip


def pronounce(text: str) -> list[list[str]]:
    """Phones of every word, ARPAbet without stress, as an American would say it.

    Raises
    ------
    KeyError
        When espeak-ng says something that :data:`ARPABET` lacks.
    """
    return [[phone for ipa in word for phone in ARPABET[ipa]] for word in espeak.transcribe(text) if word]


def align(words: list[list[str]], log_posteriors: np.ndarray) -> list[tuple[str, float, float]]:
    """Most likely times of phones, with silence wherever it is likelier between words.

    Parameters
    ----------
    words : list of list of str
        Phones of each word.
    log_posteriors : ndarray [shape=(F, 40)]
        Of ``PHONES``, frame k at k / 50 s.

    Returns
    -------
    list of (str, float, float)
        Phone, begin and end in seconds; what follows begins where the one before ends.
    """
    states, may_skip = _states(words)
    columns = [PHONES.index(phone) for phone, _ in states]
    score = np.full(len(states), -np.inf)
    score[0] = 0.0
    if may_skip[0]:
        score[1] = 0.0
    score += log_posteriors[0, columns]
    came = np.zeros((len(log_posteriors), len(states)), dtype=int)
    here = np.arange(len(states))
    for frame in range(1, len(log_posteriors)):
        stay, step = score, np.r_[-np.inf, score[:-1]]
        jump = np.where(np.r_[False, may_skip[:-1]], np.r_[-np.inf, -np.inf, score[:-2]], -np.inf)
        ways = np.stack([stay, step, jump])
        came[frame] = here - ways.argmax(axis=0)
        score = ways.max(axis=0) + log_posteriors[frame, columns]
    last = len(states) - 1 if not may_skip[-1] or score[-1] >= score[-2] else len(states) - 2
    path = [last]
    for frame in range(len(log_posteriors) - 1, 0, -1):
        path.append(int(came[frame, path[-1]]))
    return _spans([states[state] for state in reversed(path)])


def _states(words: list[list[str]]) -> tuple[list[tuple[str, int]], np.ndarray]:
    """States as (phone, which phone of the text), and which may be left out: the silences, of one state each."""
    states, number = [("SIL", 0)], 0
    for word in words:
        for phone in word:
            number += 1
            states += [(phone, number)] * SHORTEST
        number += 1
        states.append(("SIL", number))
    return states, np.array([phone == "SIL" for phone, _ in states])


def _spans(path: list[tuple[str, int]]) -> list[tuple[str, float, float]]:
    """Runs of one phone, in seconds: a frame reaches half a frame to either side."""
    begins = [0, *(k for k in range(1, len(path)) if path[k] != path[k - 1]), len(path)]
    return [(path[a][0], max(a - 0.5, 0.0) / MOTION_FPS, (b - 0.5) / MOTION_FPS) for a, b in pairwise(begins)]
