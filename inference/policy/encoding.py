# SPDX-License-Identifier: GPL-3.0-or-later
"""The encoding of a sound: the output of encoder and memory, before anything is drawn from noise. Free of seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.phonemes import Phonemes
from ..core.timing import MOTION_FPS
from ..prosody.prosody import Prosody
from .visemes import PosteriorStream

LONGEST_KEPT = 30_000  # frames, ten minutes in 27 MB: the parts of a longer sound are computed anew for each take


@dataclass(frozen=True, eq=False)
class EncodedPart:
    """Some frames of an encoding.

    Parameters
    ----------
    general : ndarray [shape=(n, 61), float32]
        The mean motion that the memory expects; the policy draws around it.
    local : ndarray [shape=(n, 128), float32]
        Features of the sound for the policy.
    logits : ndarray [shape=(n, 40), float32]
        Phoneme logits, columns as in ``PHONES``.
    """

    general: np.ndarray
    local: np.ndarray
    logits: np.ndarray

    def __getitem__(self, rows: slice) -> EncodedPart:
        """Some of its frames."""
        return EncodedPart(self.general[rows], self.local[rows], self.logits[rows])


class Encoding:
    """The encoding of a whole sound, computed in parts so that the use of memory stays flat.

    Several takes of a sound share one encoding: it is computed while the first take asks for it, and kept.

    Parameters
    ----------
    frames : int
        Frames of the whole sound, 50 per second.
    seconds : float
        Length of the sound.
    chunk : int
        Frames that are computed at once: memory stays small, and Cancel is answered soon.
    compute : callable
        Called with the first frame and the one after the last; returns that part.
    listen : callable
        Returns the prosody of the sound.
    """

    def __init__(
        self,
        frames: int,
        seconds: float,
        chunk: int,
        compute: Callable[[int, int], EncodedPart],
        listen: Callable[[], Prosody],
    ) -> None:
        self.frames, self.seconds = frames, seconds
        self._chunk, self._listen = chunk, listen
        self._compute = compute
        self._kept: dict[int, EncodedPart] = {}  # by first frame
        self._phonemes: Phonemes | None = None

    def parts(self) -> Iterator[EncodedPart]:
        """All parts in order, each at most `chunk` frames."""
        stream, posteriors = PosteriorStream(), []
        for begin in range(0, self.frames, self._chunk):
            part = self._kept.get(begin)
            if part is None:
                part = self._compute(begin, min(begin + self._chunk, self.frames))
                if self.frames <= LONGEST_KEPT:
                    self._kept[begin] = part
            if self._phonemes is None:
                posteriors.append(stream.feed(part.logits).astype(np.float16))
            yield part
        if self._phonemes is None:
            posteriors.append(stream.finish().astype(np.float16))
            self._phonemes = Phonemes(np.concatenate(posteriors), MOTION_FPS)

    @cached_property
    def prosody(self) -> Prosody:
        """How it is said."""
        return self._listen()

    @property
    def phonemes(self) -> Phonemes:
        """The phoneme posteriors of every frame."""
        if self._phonemes is None:
            for _ in self.parts():
                pass
        assert self._phonemes is not None
        return self._phonemes
