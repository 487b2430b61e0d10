# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders that multiply what was generated: each is one entry of `SLIDERS`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.analysis import Voice
from ...core.motion import Motion
from ...core.regions import channels_of, scaled


@dataclass(frozen=True)
class Scale:
    """How far some channels go: 1 is as generated. Its fields are those of any slider, see the package."""

    ORDER: int
    GROUP: str
    LABEL: str
    HIGH: float
    ABOUT: str
    CHANNELS: tuple[str, ...]
    UNIT: str = ""
    NEUTRAL: float = 1.0
    LOW: float = 0.0

    def apply(self, motion: Motion, value: float | np.ndarray, _voice: Voice | None = None) -> Motion:
        """The channels multiplied by the value."""
        return scaled(motion, self.CHANNELS, value)


_SPOKEN_VISEMES = tuple(name for name in channels_of(["visemes"]) if name not in ("viseme_sil", "viseme_PP"))
_LIP_VISEMES = ("viseme_I", "viseme_SS", "viseme_TH", "viseme_DD", "viseme_kk", "viseme_nn")

SLIDERS = {
    "articulation": Scale(
        20, "Mouth", "Articulation", 2.0,
        "How large the whole mouth moves: 1 is as generated, 0.5 half as far, 2 twice as far",
        (*channels_of(("jaw", "lips", "rounding", "corners", "tongue")), *_SPOKEN_VISEMES),
    ),
    # mouthClose is of the jaw: what shuts the lips again grows with what parts them.
    "jaw": Scale(
        21, "Mouth", "Jaw", 2.0, "How far the jaw moves: 1 is as generated",
        (*channels_of(["jaw"]), "viseme_aa", "viseme_E"),
    ),
    "lips": Scale(
        22, "Mouth", "Lips", 2.0, "How far the lips part and spread: 1 is as generated",
        (*channels_of(("lips", "corners")), *_LIP_VISEMES),
    ),
    "rounding": Scale(
        23, "Mouth", "Rounding", 3.0, "How far the lips are pushed forward and rounded: 1 is as generated",
        (*channels_of(["rounding"]), "viseme_O", "viseme_U", "viseme_CH", "viseme_RR"),
    ),
    # Blinks and gaze have sliders of their own.
    "upper_face": Scale(
        60, "Face", "Upper Face", 4.0, "How much brows, cheeks and nose move: 1 is as generated",
        (*channels_of(("brows", "cheeks")), "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight"),
    ),
    "head": Scale(
        70, "Face", "Head", 5.0, "How far the head nods, turns and tilts: 1 is as generated", channels_of(["head"])
    ),
    "gaze": Scale(
        72, "Face", "Gaze", 3.0, "How far the eyes wander: 1 is as generated, 0 looks straight ahead",
        channels_of(["gaze"]),
    ),
}  # fmt: skip
