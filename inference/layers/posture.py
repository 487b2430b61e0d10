# SPDX-License-Identifier: GPL-3.0-or-later
"""How people hold their head while they talk to somebody, by rule: it rests, then goes over into another posture, and
is never quite still. The eyes stay where they look.

The people that the model was trained on read to a camera and hold still, so a head that lives is not learned. Postures
and sway of speakers: Hadar, Steiner, Grant and Rose 1983, "Kinematics of head movements accompanying speech during
conversation", https://doi.org/10.1016/0167-9457(83)90004-0. How far the head goes was set on three clips of two
speakers, which the model card names. The eyes turn back by nearly as much as the head turns away, as the
vestibulo-ocular reflex has it.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import HEAD
from ..core.curves import smoothstep
from ..core.eyes import turn_eyes
from ..core.motion import Motion
from ..styles.style import NEUTRAL, Style

ORDER = 9
POINTWISE = True

MEDIAN_REST = 1.3  # s between two changes
REST_SPREAD = 0.5  # of the logarithm of the rest
SIZE = np.radians((4.8, 2.4, 3.0))  # standard deviation of postures: yaw, pitch, roll
TILT = -0.35  # of a turn goes along as a tilt to the same side
LASTS = (0.45, 0.4)  # s that a change takes: at least, and more for one as large as two deviations
SWAY = np.radians((1.0, 0.8, 0.8))  # on top, at all times
PERIODS = (0.9, 1.7, 2.9)  # s
KEPT = 0.9  # of a turn that the eyes make good

_BLOCK = 128  # postures


def apply(motion: Motion, rng: np.random.Generator, style: Style = NEUTRAL) -> Motion:
    """The motion with postures of the head added, and taken from the eyes."""
    turned = np.float32(style.head) * head_path(motion.times, rng)
    motion = motion.with_channels(HEAD, motion.select(HEAD).values + turned)
    kept = np.float32(KEPT * min(style.gaze, 1.0))
    return turn_eyes(motion, *(-kept * turned[:, :2].T))


def head_path(times: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Yaw, pitch and roll in radians at `times` [shape=(F, 3), float32]: postures joined by eased changes, and sway."""
    phases = rng.random((len(PERIODS), 3))
    begin, posture = np.array([-1.0]), np.zeros((2, 3))  # straight before the sound begins
    while begin[-1] <= times[-1]:
        drawn = rng.standard_normal((_BLOCK, 4))  # in whole blocks, so that a longer sound begins with the same ones
        rests = LASTS[0] + np.exp(np.log(MEDIAN_REST) + REST_SPREAD * drawn[:, 0])
        begin = np.concatenate([begin, np.cumsum(np.append(max(begin[-1], 0.0), rests))[1:]])  # (J,)
        posture = np.concatenate([posture, SIZE * drawn[:, 1:]])  # (J + 1, 3): change j goes from posture j to j + 1
    change = np.searchsorted(begin, times, side="right") - 1  # (F,) the change that began last
    step = posture[1:] - posture[:-1]  # (J, 3)
    lasts = LASTS[0] + LASTS[1] * np.minimum(np.abs(step / SIZE).max(axis=1) / 2, 1.0)  # (J,) s
    path = posture[change] + smoothstep((times - begin[change]) / lasts[change])[:, None] * step[change]
    path[:, 2] += TILT * path[:, 0]
    waves = [
        np.sin(2 * np.pi * (times[:, None] / period + phase)) for period, phase in zip(PERIODS, phases, strict=True)
    ]
    return (path + SWAY * np.mean(waves, axis=0)).astype(np.float32)
