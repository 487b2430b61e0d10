# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way from sound to motion."""

from __future__ import annotations

from collections.abc import Callable

from .audio import Audio
from .errors import FacewrightError
from .layers import apply_layers
from .motion import Motion
from .predictor import Predictor, load_predictor

LARGEST_SEED = 2**31 - 1  # what fits an integer field in Blender


def animate(
    audio: Audio,
    *,
    fps: float = 60.0,
    seed: int = 0,
    predictor: Predictor | None = None,
    progress: Callable[[float], None] | None = None,
) -> Motion:
    """Turn speech into facial motion.

    Parameters
    ----------
    audio : Audio
        The speech.
    fps : float
        Frames per second of the result, above 0.
    seed : int
        In [0, 2**31). The same seed gives the same take; others move what sound does not tell (blinks, gaze).
    predictor : Predictor, optional
        A loaded model, to be used again and again; by default the shipped one is loaded on the best device.
    progress : callable, optional
        Called with the part done, in [0, 1]. What it raises ends the work.

    Returns
    -------
    Motion
        All of `channels.CHANNELS`, from 0 s to the end of the sound.

    Raises
    ------
    FacewrightError
        When the seed is out of range; `ModelError` and `MotionError` as the parts raise them.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise FacewrightError(f"Expected a seed from 0 to {LARGEST_SEED}, got {seed}.")
    predictor = predictor or load_predictor()
    motion = predictor.predict(audio, progress=progress)
    return apply_layers(motion, seed).resample(fps)
