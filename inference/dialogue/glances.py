# SPDX-License-Identifier: GPL-3.0-or-later
"""When somebody looks at a partner and when away, by rule.

Of the time that people listen they look at the speaker for about 70 to 75 %, of the time that they speak for about 40 %
(Argyle and Cook 1976, *Gaze and Mutual Gaze*, Cambridge University Press). More than 70 % of long utterances begin with
the speaker looking away and end with a look at the listener (Kendon 1967, "Some functions of gaze-direction in social
interaction", https://doi.org/10.1016/0001-6918(67)90005-4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..core.curves import smoothstep
from .turns import Role, Stretch

SHARES = {Role.LISTENING: 0.68, Role.SPEAKING: 0.40, Role.SILENT: 0.50}  # of the time, looking at the partner
CHANGE = 0.12  # s from one to the other
SHORTEST, LONGEST = 0.5, 1.9  # s of a glance away
_MEDIAN, _SPREAD = 0.95, 0.4  # s, and of the logarithm
_LEAST_LOOK, _LONGEST_LOOK = 0.5, 6.0  # s
_UNEVEN = 0.25  # of the logarithm of looks
_AWAY_FIRST = 0.7  # how often a speaker begins with a glance away
_LAST_LOOK = 0.6  # s before the end of an own turn, looking at the partner
_NEAREST, _FARTHEST = np.radians((9.0, 18.0))
_DOWN, _STEEPEST = 0.65, np.radians(50.0)  # how often the eyes go below the horizon; and how far from it


@dataclass(frozen=True)
class Glance:
    """A glance away from the partner.

    Parameters
    ----------
    begin, end : float
        Seconds at which the eyes are half way there and half way back.
    yaw, pitch : float
        Radians from the direction of the partner.
    """

    begin: float
    end: float
    yaw: float
    pitch: float


def glances(roles: Sequence[Stretch], rng: np.random.Generator) -> list[Glance]:
    """Glances over the roles of a shot, in order; looks between them make up the share of each role."""
    found: list[Glance] = []
    spent = {role: [0.0, 0.0] for role in Role}  # s at the partner and away
    for stretch in roles:
        share, (at, away) = SHARES[stretch.role], spent[stretch.role]
        speaks = stretch.role is Role.SPEAKING
        last, now = stretch.end - (_LAST_LOOK if speaks else CHANGE), stretch.begin
        first = CHANGE if speaks and rng.random() < _AWAY_FIRST else None
        while True:
            length = float(np.clip(np.exp(np.log(_MEDIAN) + _SPREAD * rng.standard_normal()), SHORTEST, LONGEST))
            # As long a look before it as brings the role back to its share, and not always quite.
            due = (share * (away + length) / (1 - share) - at) * np.exp(_UNEVEN * rng.standard_normal())
            look = float(np.clip(due, _LEAST_LOOK, _LONGEST_LOOK)) if first is None else first
            first, yaw, pitch = None, *_point(rng)
            begin = now + look
            end = min(begin + length, last)
            if end - begin < SHORTEST:
                break
            found.append(Glance(begin, end, yaw, pitch))
            at, away, now = at + look, away + end - begin, end
        spent[stretch.role] = [at + stretch.end - now, away]
    return found


def _point(rng: np.random.Generator) -> tuple[float, float]:
    """Where a glance goes, yaw and pitch: to a side, more often downwards than up."""
    far, steep = rng.uniform(_NEAREST, _FARTHEST), rng.uniform(0, _STEEPEST)
    side, down = rng.choice((-1, 1)), 1 if rng.random() < _DOWN else -1
    return float(side * far * np.cos(steep)), float(down * far * np.sin(steep))


def at_partner(found: Sequence[Glance], times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far the eyes are at the partner over time, in [0, 1] [shape=(F,)], and where else they go [shape=(F, 2)].

    The second is level while the eyes are away: radians, yaw and pitch, from the direction of the partner.
    """
    at, away = np.ones(len(times)), np.zeros((len(times), 2))
    for glance in found:
        begin, end = np.searchsorted(times, (glance.begin - CHANGE, glance.end + CHANGE))
        here = times[begin:end]
        gone = smoothstep((here - glance.begin) / CHANGE + 0.5) * smoothstep((glance.end - here) / CHANGE + 0.5)
        at[begin:end] = np.minimum(at[begin:end], 1 - gone)
        away[begin:end][gone > 0] = (glance.yaw, glance.pitch)
    return at.astype(np.float32), away.astype(np.float32)
