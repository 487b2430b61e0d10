# SPDX-License-Identifier: GPL-3.0-or-later
"""What brows, head and eyes did just before a take: the end of a reference clip, from which a take goes on.

Takes of files go on from it by rule (`apply.begun`), live ones by what the policy of the live model has learned: it
sees the last 8 frames of motion. Nothing else of a reference changes what either does, so these are all that is kept.
After MimicTalk's in-context talking face (https://arxiv.org/abs/2410.06734), as far as this policy's inputs allow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..core.errors import StyleError
from ..core.motion import Motion
from ..core.regions import WEIGHTS, channels_of
from ..core.timing import MOTION_FPS, PAST

REGIONS_SHOWN = ("brows", "head", "gaze")
SHOWN = channels_of(REGIONS_SHOWN)
LARGEST_TURN = 1.5  # rad


def context_from(names: tuple[str, ...], values: np.ndarray) -> Motion:
    """A motion of the frames [shape=(8, C)] right before second 0."""
    return Motion(values, names, MOTION_FPS, -PAST / MOTION_FPS)


def ensure_context(context: Any, style: str) -> None:
    """Raise a StyleError that names the style, unless this is a context or None."""
    if context is None:
        return
    if not isinstance(context, Motion) or (context.frames, context.fps) != (PAST, MOTION_FPS):
        got = f"{context.frames} at {context.fps:g}" if isinstance(context, Motion) else f"{context!r:.40}"
        raise StyleError(
            f"Expected {PAST} frames at {MOTION_FPS:g} per second as context of style '{style}', got {got}. "
            "Learn it anew."
        )
    unknown = [name for name in context.channels if name not in SHOWN]
    if unknown or not context.channels:
        raise StyleError(
            f"Expected channels of {', '.join(REGIONS_SHOWN)} in the context of style '{style}', got "
            f"{unknown[0] if unknown else 'none'}. Learn it anew."
        )
    for name, curve in zip(context.channels, context.values.T, strict=True):
        low, high = (0.0, 1.0) if name in WEIGHTS else (-LARGEST_TURN, LARGEST_TURN)
        if curve.min() < low or curve.max() > high:
            wrong = curve[(curve < low) | (curve > high)][0]
            raise StyleError(
                f"Expected {name} from {low:g} to {high:g} in the context of style '{style}', got {wrong:g}. "
                "Correct the number, or learn the style anew."
            )


def same_context(first: Motion | None, second: Motion | None) -> bool:
    """Whether both hold the same frames, or both are None."""
    if first is None or second is None:
        return first is second
    return first.channels == second.channels and np.array_equal(first.values, second.values)
