# SPDX-License-Identifier: GPL-3.0-or-later
"""The fifteen Oculus visemes as recipes of ARKit shapes and tongue positions.

What each viseme looks like: https://developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference/
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

# A name without side stands for both sides.
RECIPES: dict[str, dict[str, float]] = {
    "viseme_sil": {},
    "viseme_PP": {"mouthPress": 0.55, "mouthRollLower": 0.25, "mouthRollUpper": 0.25, "mouthPucker": 0.08},
    "viseme_FF": {
        "jawOpen": 0.10,
        "mouthClose": 0.04,
        "mouthRollLower": 0.75,
        "mouthUpperUp": 0.42,
        "mouthShrugLower": 0.25,
    },
    "viseme_TH": {"jawOpen": 0.22, "mouthUpperUp": 0.15, "mouthLowerDown": 0.15, "tongue between": 1.0},
    "viseme_DD": {
        "jawOpen": 0.16,
        "mouthUpperUp": 0.2,
        "mouthLowerDown": 0.25,
        "mouthStretch": 0.12,
        "tongue tip_up": 0.85,
    },
    "viseme_kk": {
        "jawOpen": 0.22,
        "mouthUpperUp": 0.15,
        "mouthLowerDown": 0.2,
        "mouthStretch": 0.1,
        "tongue back_up": 1.0,
    },
    "viseme_CH": {
        "jawOpen": 0.08,
        "mouthFunnel": 0.75,
        "mouthUpperUp": 0.15,
        "mouthLowerDown": 0.2,
        "tongue tip_up": 0.4,
    },
    "viseme_SS": {
        "jawOpen": 0.05,
        "mouthStretch": 0.3,
        "mouthSmile": 0.18,
        "mouthUpperUp": 0.35,
        "mouthLowerDown": 0.45,
    },
    "viseme_nn": {"jawOpen": 0.14, "mouthUpperUp": 0.12, "mouthLowerDown": 0.2, "tongue tip_up": 1.0},
    "viseme_RR": {
        "jawOpen": 0.15,
        "mouthFunnel": 0.4,
        "mouthPucker": 0.25,
        "mouthLowerDown": 0.1,
        "tongue back_up": 0.5,
    },
    "viseme_aa": {"jawOpen": 0.68, "mouthUpperUp": 0.12, "mouthLowerDown": 0.1, "tongue low": 1.0},
    "viseme_E": {
        "jawOpen": 0.36,
        "mouthSmile": 0.25,
        "mouthStretch": 0.25,
        "mouthUpperUp": 0.15,
        "mouthLowerDown": 0.2,
    },
    "viseme_I": {
        "jawOpen": 0.18,
        "mouthSmile": 0.42,
        "mouthStretch": 0.25,
        "mouthUpperUp": 0.18,
        "mouthLowerDown": 0.25,
        "tongue back_up": 0.3,
    },
    "viseme_O": {"jawOpen": 0.42, "mouthFunnel": 0.7, "mouthPucker": 0.15, "tongue low": 0.6},
    "viseme_U": {"jawOpen": 0.14, "mouthPucker": 0.8, "mouthFunnel": 0.35, "tongue back_up": 0.3},
}


def visemes(arkit: Mapping[str, np.ndarray], tongue: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Offsets of all visemes [each shape=(V, 3)] from those of the ARKit shapes and of the tongue positions."""
    result = {}
    for viseme, recipe in RECIPES.items():
        offset = np.zeros_like(arkit["jawOpen"])
        for name, weight in recipe.items():
            if name.startswith("tongue "):
                offset += weight * tongue[name.removeprefix("tongue ")]
            elif name in arkit:
                offset += weight * arkit[name]
            else:
                offset += weight * (arkit[f"{name}Left"] + arkit[f"{name}Right"])
        result[viseme] = offset
    return result
