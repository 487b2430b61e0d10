# SPDX-License-Identifier: GPL-3.0-or-later
"""A face that listens, by rule: lips at rest, nods and brows that answer, blinks, and eyes that look at who speaks.

Nothing here is learned. What is known of listeners is in `answers` and `glances`, with its sources. They blink about 17
times a minute, less than people who talk (Bentivoglio et al. 1997, https://doi.org/10.1002/mds.870120629, at rest).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

import numpy as np

from ..core.channels import CHANNELS, HEAD
from ..core.curves import smoothstep
from ..core.errors import MotionError
from ..core.motion import Motion
from ..core.timing import checked_seed
from ..layers import blink, gaze
from ..styles.style import Style
from .answers import answered, answers
from .glances import CHANGE, at_partner, glances
from .turns import Stretch, Turn, stretches

LISTENER = Style("listener", gaze=0.4, blinks=17 / 24)  # its eyes shift within a face; `blink` has 24 a minute
SWAY = np.radians((0.7, 0.4, 0.6))  # how far the head sways at most, yaw, pitch and roll
_PERIODS = (3.1, 5.3, 8.9)  # s


@dataclass(frozen=True, eq=False)
class Listening:
    """What a character does while others speak, from second 0 of a shot to its end.

    Parameters
    ----------
    motion : Motion
        All of ``CHANNELS``: the mouth at rest throughout, also while the character speaks itself, for lines of its own
        to be laid over (`takes.ends.laid`). Eyes straight ahead but for small shifts.
    at : ndarray [shape=(F,), float32]
        How far the eyes are at the partner, in [0, 1].
    away : ndarray [shape=(F, 2), float32]
        Where they go instead: yaw and pitch in radians from the partner's direction.
    towards : ndarray [shape=(F, P), float32]
        Which partner it is; each row sums to 1.

    `gaze.gaze` makes turns of eyes and head of these, for whoever knows where the partners are.
    """

    motion: Motion
    at: np.ndarray
    away: np.ndarray
    towards: np.ndarray


def listen(
    own: Sequence[Turn],
    partners: Sequence[Turn],
    end: float,
    *,
    seed: int = 0,
    amount: float = 1.0,
    fps: float = 50.0,
) -> Listening:
    """A character of a conversation as it listens.

    Parameters
    ----------
    own, partners : sequence of Turn
        When the character speaks itself, and when others do; in any order.
    end : float
        Seconds of the shot.
    seed : int
        In [0, 2**31). The same seed gives the same, to the last bit.
    amount : float
        How large nods, raises of the brows and swaying are, in [0, 1]. At 0 only eyes and lids move.
    fps : float
        Frames per second, above 0.

    Raises
    ------
    MotionError
        When `end`, `amount` or `fps` is out of its range.
    FacewrightError
        When the seed is.
    """
    if not (np.isfinite([end, fps]).all() and end >= 0 and fps > 0 and 0 <= amount <= 1):
        raise MotionError(
            f"Expected a shot of 0 s or more, an amount from 0 to 1 and frames per second above 0, got {end} s, "
            f"{amount} and {fps}."
        )
    draws = {name: np.random.default_rng([checked_seed(seed), crc32(name.encode())]) for name in _DRAWN}
    roles = stretches(own, partners, end)
    still = Motion(np.zeros((int(np.floor(end * fps + 1e-6)) + 1, len(CHANNELS)), np.float32), CHANNELS, fps)
    motion = blink.apply(gaze.apply(still, draws["gaze"], LISTENER), draws["blink"], LISTENER)
    motion = motion.with_channels(HEAD, amount * _swaying(motion.times, draws["sway"]))
    motion = answered(motion, *answers(partners, roles, draws["answers"]), amount)
    at, away = at_partner(glances(roles, draws["glances"]), motion.times)
    count = 1 + max((turn.who for turn in partners), default=0)
    return Listening(motion, at, away, _towards(roles, motion.times, count))


_DRAWN = ("gaze", "blink", "sway", "answers", "glances")


def _swaying(times: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Slow movement of a head that is never quite still [shape=(F, 3), radians]."""
    phases = rng.random((len(_PERIODS), len(HEAD)))
    waves = [
        np.sin(2 * np.pi * (times[:, None] / period + phase)) for period, phase in zip(_PERIODS, phases, strict=True)
    ]
    return SWAY * np.mean(waves, axis=0)


def _towards(roles: Sequence[Stretch], times: np.ndarray, count: int) -> np.ndarray:
    """Shares of the partners in what is looked at [shape=(F, P)]; one passes into the next within `CHANGE`."""
    shares = np.zeros((len(times), count), np.float32)
    shares[:, roles[0].who] = 1
    for before, after in pairwise(roles):
        if before.who != after.who:
            row = np.searchsorted(times, after.begin)
            part = smoothstep((times[row:] - after.begin) / CHANGE)[:, None]
            shares[row:] += part * (np.eye(count)[after.who] - shares[row:])
    return shares
