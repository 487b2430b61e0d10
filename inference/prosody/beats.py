# SPDX-License-Identifier: GPL-3.0-or-later
"""Beats, by rule: where a voice rises or a syllable is stressed, the brows go up and the head nods.

Brows go up with pitch (Cave et al. 1996, "About the relationship between eyebrow movements and F0 variations",
https://www.isca-archive.org/icslp_1996/cave96_icslp.html), heads nod on stressed syllables and move with pitch and
loudness (Munhall et al. 2004, "Visual prosody and speech intelligibility",
https://doi.org/10.1111/j.0963-7214.2004.01502010.x). A monotone voice has none. How far both go was set on three clips
of two speakers, which the model card names.
"""

from __future__ import annotations

import numpy as np

from ..core.curves import gaussian_window
from ..core.motion import Motion
from ..core.regions import within
from .prosody import Prosody

NOD = np.radians(5.0)  # headPitch of a stress of 1
RAISE = {"browInnerUp": 0.55, "browOuterUpLeft": 0.5, "browOuterUpRight": 0.47}  # of a rise of 1
RISE, STRESS = 4.0, 8.0  # semitones and dB above what is usual around them that count as 1
MOST = 1.6  # of either
FAST, SLOW, EASED = 0.05, 0.7, 0.09  # s, standard deviations: what a syllable is, what is usual, how beats are eased
EARLY = {"brows": 0.08, "head": 0.0}  # s by which they are before their syllable
CHANNELS = ("headPitch", *RAISE)


def with_beats(motion: Motion, said: Prosody) -> Motion:
    """The motion, which has the prosody's frames, with the beats added to head and brows."""
    values = motion.select(CHANNELS).values + beats(said, motion.fps)
    return motion.with_channels(CHANNELS, within(CHANNELS, values))


def beats(said: Prosody, fps: float) -> np.ndarray:
    """What is added to ``CHANNELS`` [shape=(F, 4), float32]: radians, and weights."""
    rise = _above(said.height, fps) / RISE
    stress = _above(said.loudness, fps) / STRESS
    rises = _eased(rise.clip(0, MOST), EARLY["brows"], fps)
    stresses = _eased((0.5 * (rise + stress)).clip(0, MOST), EARLY["head"], fps)
    lift = rises[:, None] * np.array([*RAISE.values()])
    return np.column_stack([NOD * stresses, lift]).astype(np.float32)


def _above(curve: np.ndarray, fps: float) -> np.ndarray:
    """How far a curve is above what is usual around it [shape=(F,)]."""
    return _smooth(curve, FAST * fps) - _smooth(curve, SLOW * fps)


def _eased(curve: np.ndarray, early: float, fps: float) -> np.ndarray:
    ahead = np.minimum(np.arange(len(curve)) + round(early * fps), len(curve) - 1)
    return _smooth(curve[ahead], EASED * fps)


def _smooth(curve: np.ndarray, sigma: float) -> np.ndarray:
    reach = int(3 * sigma)
    return np.convolve(np.pad(curve, reach, mode="edge"), gaussian_window(sigma, reach), mode="valid")
