# SPDX-License-Identifier: GPL-3.0-or-later
"""How a speaker articulates: one gain for every phone's slot of the model's motion memory.

The slots are MemoryTalker's (https://arxiv.org/abs/2507.20562), keyed by phones, so that a style can be read and
edited: ``P`` at 1.3 means that what the mouth does on P is remembered more strongly than a neutral speaker's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .channels import PHONES
from .errors import StyleError


@dataclass(frozen=True, eq=False)
class Style:
    """A way of speaking.

    Parameters
    ----------
    name : str
        For people.
    slots : ndarray [shape=(40,), float32]
        Gain of every phone, in the order of ``PHONES``: 0 or more; 1 is neutral.

    Raises
    ------
    StyleError
        When there is not one finite gain of at least 0 for every phone.
    """

    name: str
    slots: np.ndarray

    def __post_init__(self) -> None:
        slots = np.array(self.slots, dtype=np.float32)
        if slots.shape != (len(PHONES),):
            raise StyleError(f"Expected {len(PHONES)} gains, one for each phone, got an array of shape {slots.shape}.")
        wrong = ~(np.isfinite(slots) & (slots >= 0))
        if wrong.any():
            phone = PHONES[int(wrong.argmax())]
            raise StyleError(
                f"Expected gains of 0 or more in style '{self.name}', got {slots[wrong][0]} for {phone}. 1 is neutral."
            )
        slots.flags.writeable = False
        object.__setattr__(self, "slots", slots)


def neutral() -> Style:
    """The style of nobody in particular: every gain is 1."""
    return Style("neutral", np.ones(len(PHONES), dtype=np.float32))


def blend(a: Style, b: Style, t: float) -> Style:
    """A style between two: `a` at ``t = 0``, `b` at ``t = 1``.

    Raises
    ------
    StyleError
        When `t` is not in [0, 1].
    """
    if not 0 <= t <= 1:
        raise StyleError(f"Expected a part from 0 to 1 between two styles, got {t}.")
    return Style(f"{a.name} to {b.name}, {t:.0%}", (1 - t) * a.slots + t * b.slots)
