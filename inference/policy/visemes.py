# SPDX-License-Identifier: GPL-3.0-or-later
"""Phoneme posteriors from the encoder's logits, and the 15 Oculus visemes from posteriors, by table.

The table is Meta's own list of sample phonemes per viseme
(https://developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference/), written in ARPAbet.
Phonemes the list does not name go to the viseme with the nearest mouth: diphthongs are shared between their two vowels.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import BILABIALS, PHONES, VISEMES
from ..lips import decision

# phoneme -> viseme, or visemes with their shares
TABLE: dict[str, dict[str, float]] = {
    "SIL": {"sil": 1.0},
    **{phoneme: {"PP": 1.0} for phoneme in BILABIALS},
    **{phoneme: {"FF": 1.0} for phoneme in ("F", "V")},
    **{phoneme: {"TH": 1.0} for phoneme in ("TH", "DH")},
    **{phoneme: {"DD": 1.0} for phoneme in ("T", "D")},
    **{phoneme: {"kk": 1.0} for phoneme in ("K", "G", "HH")},
    **{phoneme: {"CH": 1.0} for phoneme in ("CH", "JH", "SH", "ZH")},
    **{phoneme: {"SS": 1.0} for phoneme in ("S", "Z")},
    **{phoneme: {"nn": 1.0} for phoneme in ("N", "L", "NG")},
    **{phoneme: {"RR": 1.0} for phoneme in ("R", "ER")},
    **{phoneme: {"aa": 1.0} for phoneme in ("AA", "AH")},
    **{phoneme: {"E": 1.0} for phoneme in ("EH",)},
    **{phoneme: {"I": 1.0} for phoneme in ("IH", "IY", "Y")},
    **{phoneme: {"O": 1.0} for phoneme in ("AO",)},
    **{phoneme: {"U": 1.0} for phoneme in ("UW", "UH", "W")},
    "AE": {"aa": 0.5, "E": 0.5},
    "AY": {"aa": 0.7, "I": 0.3},
    "AW": {"aa": 0.7, "U": 0.3},
    "EY": {"E": 0.6, "I": 0.4},
    "OW": {"O": 0.7, "U": 0.3},
    "OY": {"O": 0.7, "I": 0.3},
}

_SMOOTHING = np.array([1.0, 2.0, 3.0, 2.0, 1.0], dtype=np.float32) / 9.0  # +-40 ms at 50 fps: mouths glide, not snap
LOOK_AHEAD = max(len(_SMOOTHING) // 2, decision.LOOK_AHEAD)  # frames after a frame that its visemes depend on


def posteriors(phone_logits: np.ndarray) -> np.ndarray:
    """Phoneme posteriors [shape=(F, 40), float32] from the encoder's logits [shape=(F, 40)].

    Smoothed over 100 ms; whether p, b or m is said is decided (`lips.decision`), for lips that almost meet look wrong.
    """
    odds = np.exp(phone_logits - phone_logits.max(axis=1, keepdims=True))
    raw = odds / odds.sum(axis=1, keepdims=True)
    reach = len(_SMOOTHING) // 2
    padded = np.pad(raw, ((reach, reach), (0, 0)), mode="edge")
    smooth = sum(weight * padded[k : k + len(raw)] for k, weight in enumerate(_SMOOTHING))
    return decision.decide_bilabials(raw, np.asarray(smooth, dtype=np.float32))


def viseme_weights(posteriors: np.ndarray) -> np.ndarray:
    """Viseme weights [shape=(F, 15), float32] of phoneme posteriors [shape=(F, 40)]."""
    return posteriors @ _MATRIX


class PosteriorStream:
    """Phoneme posteriors of a sound whose logits come in parts; each frame is given out once, when it is final."""

    def __init__(self) -> None:
        self._logits = np.zeros((0, len(PHONES)), dtype=np.float32)  # from `LOOK_AHEAD` frames before the next on
        self._given = 0  # frames given out

    @property
    def final(self) -> int:
        """How many frames are final and not given out yet."""
        return max(len(self._logits) - self._before - LOOK_AHEAD, 0)

    def feed(self, logits: np.ndarray) -> np.ndarray:
        """The frames [shape=(k, 40), float32] that became final with the logits [shape=(n, 40)] of the next ones."""
        self.push(logits)
        return self.take(self.final)

    def push(self, logits: np.ndarray) -> None:
        """Take in the logits [shape=(n, 40), float32] of the next frames."""
        self._logits = np.concatenate([self._logits, logits])

    def take(self, count: int) -> np.ndarray:
        """The next frames [shape=(count, 40), float32], as if the sound ended `LOOK_AHEAD` frames later."""
        if count == 0:
            return np.zeros((0, len(PHONES)), dtype=np.float32)
        before = self._before
        taken = posteriors(self._logits[: before + count + LOOK_AHEAD])[before : before + count]
        self._given += count
        self._logits = self._logits[before + count - self._before :]
        return taken

    def finish(self) -> np.ndarray:
        """All frames that are left [shape=(k, 40), float32]."""
        return self.take(len(self._logits) - self._before)

    @property
    def _before(self) -> int:
        """How many of the kept logits are of frames that were given out."""
        return min(self._given, LOOK_AHEAD)


def visemes(phone_logits: np.ndarray) -> np.ndarray:
    """Viseme weights that sum to 1 in every frame.

    Parameters
    ----------
    phone_logits : ndarray [shape=(F, 40)]
        The encoder's, 50 frames per second, columns as in ``PHONES``.

    Returns
    -------
    ndarray [shape=(F, 15), float32]
        In [0, 1], columns as in ``VISEMES``.
    """
    return viseme_weights(posteriors(phone_logits))


def _matrix() -> np.ndarray:
    """`TABLE` as a matrix, phonemes by visemes [shape=(40, 15), float32]; each row sums to 1."""
    matrix = np.zeros((len(PHONES), len(VISEMES)), dtype=np.float32)
    for phoneme, shares in TABLE.items():
        for viseme, share in shares.items():
            matrix[PHONES.index(phoneme), VISEMES.index(f"viseme_{viseme}")] = share
    return matrix


_MATRIX = _matrix()
