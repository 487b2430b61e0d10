# SPDX-License-Identifier: GPL-3.0-or-later
"""Head and brows that go with the stresses of speech, by rule: where the mouth opens farther than it just did, the head
nods a little and the brows rise.

Nods and raised brows fall on stressed syllables (Graf, Cosatto, Strom and Huang 2002, "Visual prosody: facial
movements accompanying speech", https://doi.org/10.1109/AFGR.2002.1004186). A stress is told by the jaw, as it is the
louder and longer vowels that open it wide. How far head and brows go was set on three clips of two speakers, which the
model card names.

A frame depends on frames before it and on none after it, so the same rule runs live: see `stream`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.motion import Motion
from ..styles.style import NEUTRAL, Style

ORDER = 5

NOD = np.radians(4.0)  # of a jaw that opens twice as far as it usually does
RAISE = {"browInnerUp": 0.8, "browOuterUpLeft": 0.78, "browOuterUpRight": 0.74}  # of such a jaw
FAST, USUAL, EASED = 0.08, 1.2, 0.09  # s in which the followers follow
RISING, SINKING = 0.1, 0.6  # s in which brows do
LEAST = 0.06  # weight of jawOpen below which nothing is a stress
CLEAR, MOST = 0.2, 0.7  # of a stress: brows do not answer what is below, nor more than that


@dataclass(frozen=True)
class Followed:
    """The state of the followers after some frames: the jaw, its usual opening, the nod and the brows, twice eased."""

    jaw: float = 0.0
    usual: float = 0.0
    nod: tuple[float, float] = (0.0, 0.0)
    brows: tuple[float, float] = (0.0, 0.0)


def apply(motion: Motion, _rng: np.random.Generator, style: Style = NEUTRAL) -> Motion:
    """The motion with nods and raised brows at its stresses."""
    return stream(motion, style)[0]


def stream(motion: Motion, style: Style = NEUTRAL, before: Followed | None = None) -> tuple[Motion, Followed]:
    """The next part of a motion with nods and raised brows, and the state after it.

    Parameters
    ----------
    motion : Motion
        All of ``CHANNELS``.
    style : Style
        Says how far head and brows move.
    before : Followed, optional
        The state after the part before. Without one there was silence before.
    """
    stresses, after = _followed(motion.channel("jawOpen").astype(np.float64).tolist(), motion.fps, before or Followed())
    nods, raises = np.array(stresses, np.float32).T
    pitch = motion.channel("headPitch") + np.float32(style.head * NOD) * nods
    lift = np.float32(style.brows) * raises[:, None] * np.array([*RAISE.values()], np.float32)
    raised = (motion.select(tuple(RAISE)).values + lift).clip(0, 1)
    return motion.with_channels(("headPitch",), pitch[:, None]).with_channels(tuple(RAISE), raised), after


def _followed(jaw: list[float], fps: float, state: Followed) -> tuple[list[tuple[float, float]], Followed]:
    """How far head and brows answer in every frame, about 1 for a jaw that opens twice as far as usual."""
    fast, slow, eased, up, down = (
        float(1 - np.exp(-1 / (seconds * fps))) for seconds in (FAST, USUAL, EASED, RISING, SINKING)
    )
    now, usual, (nod, nodded), (rise, risen) = state.jaw, state.usual, state.nod, state.brows
    found = []
    for opening in jaw:
        now += fast * (opening - now)
        usual += slow * (opening - usual)
        stress = max(now - usual, 0.0) / (usual + LEAST)
        nod += eased * (stress - nod)
        nodded += eased * (nod - nodded)
        raised = min(max(stress - CLEAR, 0.0), MOST)
        rise += (up if raised > rise else down) * (raised - rise)
        risen += eased * (rise - risen)
        found.append((nodded, risen))
    return found, Followed(now, usual, (nod, nodded), (rise, risen))
