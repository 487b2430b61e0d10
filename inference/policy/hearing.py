# SPDX-License-Identifier: GPL-3.0-or-later
"""How encoder and memory hear a sound that still comes in: each frame once, as soon as what comes after it is there.

A model whose networks hand on a state goes on from part to part (`Carried`); of any other, what is near is computed
again with every part (`Recomputed`). Both give what the whole sound gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ..audio.mel import log_mel
from .encoding import EncodedPart

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

    from .card import ModelCard

STATE = "state"  # the input of a network that goes on from part to part


class Hearing(Protocol):
    """What a sound's encoding comes out of.

    Attributes
    ----------
    wanted : int
        The first frame of the sound that may still be needed.
    """

    wanted: int

    def feed(self, samples: np.ndarray, origin: int, total: int, *, ended: bool) -> list[EncodedPart]:
        """The frames that became final; their logits may run ahead of the rest.

        Parameters
        ----------
        samples : ndarray [shape=(n,)]
            The sound from frame `origin` on, which is `wanted` or before it.
        total : int
            Frames of the sound so far that are there to their end.
        ended : bool
            Whether no more will come.
        """
        ...


def takes_state(session: InferenceSession) -> bool:
    """Whether a network goes on from part to part."""
    return any(given.name == STATE for given in session.get_inputs())


def at_once(session: InferenceSession) -> dict[str, np.ndarray]:
    """What a network that goes on from part to part is given for a whole sound; nothing for others."""
    if not takes_state(session):
        return {}
    return {STATE: _begin(session), "first": np.array(1), "last": np.array(1)}


class Carried:
    """Of networks that hand on a state."""

    def __init__(self, encoder: InferenceSession, memory: InferenceSession, card: ModelCard, slots: np.ndarray) -> None:
        self._networks, self._slots = (encoder, memory), slots[None]
        self._states = [_begin(network) for network in self._networks]
        self._heard, self._least = 0, card.right_context + 1  # frames; fewer than that say nothing yet
        self.wanted = 0

    def feed(self, samples: np.ndarray, origin: int, total: int, *, ended: bool) -> list[EncodedPart]:
        """See `Hearing`."""
        first, count = self._heard == 0, total - self._heard
        if not ended and count < (self._least if first else 1):
            return []
        mel = log_mel(samples, 2 * (self._heard - origin), 2 * count)[None]
        ends = {"first": np.array(int(first)), "last": np.array(int(ended))}
        features, logits = self._run(0, {"mel": mel, **ends})
        given = {"features": features, "phone_logits": logits, "style": self._slots, **ends}
        general, local = self._run(1, given)
        self._heard = total
        self.wanted = max(total - 1, 0)  # the first window reaches into the frame before
        return [EncodedPart(general[0], local[0], logits[0])]

    def _run(self, number: int, given: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        one, other, state = self._networks[number].run(None, {**given, STATE: self._states[number]})
        self._states[number] = np.asarray(state)
        return np.asarray(one), np.asarray(other)


class Recomputed:
    """Of networks without a state: they hear the frames around a part again."""

    def __init__(self, encode_part: Callable[..., EncodedPart], card: ModelCard, slots: np.ndarray) -> None:
        self._encode_part, self._card, self._slots = encode_part, card, slots
        self._encoded, self._logits = 0, 0  # frames that were given, and frames whose phoneme logits were
        self.wanted = 0

    def feed(self, samples: np.ndarray, origin: int, total: int, *, ended: bool) -> list[EncodedPart]:
        """See `Hearing`."""
        card, parts = self._card, []
        executed = card.sampling.executed
        known = total if ended else (total - card.right_context) // executed * executed
        while self._encoded < known:
            end = known if ended else min(self._encoded + card.chunk, known)
            parts.append(self._part(samples, origin, end, total, ended=ended))
        return parts

    def _part(self, samples: np.ndarray, origin: int, end: int, total: int, *, ended: bool) -> EncodedPart:
        card = self._card
        first = max(self._encoded - card.left_context, 0)
        last = total if ended else end + card.right_context
        part = self._encode_part(samples, first - origin, last - origin, gain=1.0, slots=self._slots)
        last_logits = last if ended else last - card.phones_right_context
        new = slice(self._encoded - first, end - first)
        logits = part.logits[self._logits - first : last_logits - first]
        self._encoded, self._logits = end, last_logits
        self.wanted = max(end - card.left_context - 1, 0)
        return EncodedPart(part.general[new], part.local[new], logits)


def _begin(session: InferenceSession) -> np.ndarray:
    shape = next(given.shape for given in session.get_inputs() if given.name == STATE)
    return np.zeros(shape, np.float32)
