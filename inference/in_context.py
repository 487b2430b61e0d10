# SPDX-License-Identifier: GPL-3.0-or-later
"""A take in the context of a reference clip: the policy goes on from a face that was shown, as if both were one shot.

After MimicTalk's in-context talking face (https://arxiv.org/abs/2410.06734), as far as this policy's inputs allow: it
sees eight frames of its past. So a reference sets how brows, lids, eyes and head begin; after about a second its
influence is gone, and jaw and lips, which the memory makes, hardly change. What a reference teaches for good, `learn`
takes from it (docs/style.md has the figures).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .audio import RATE, Audio
from .channels import LIVE_LINK
from .errors import MotionError
from .features import MOTION_FPS
from .loudness import gain_to_speech_level
from .motion import Motion
from .phones import Phones
from .pipeline import finished
from .predictor import Predictor, load_predictor
from .style import Style

REACH = 2.0  # s of the reference that are used: what the encoder hears of the past


def animate_in_context(
    audio: Audio,
    sound: Audio,
    motion: Motion,
    *,
    fps: float = 60.0,
    style: Style | None = None,
    seed: int = 0,
    steps: int | None = None,
    predictor: Predictor | None = None,
    progress: Callable[[float], None] | None = None,
) -> Motion:
    """Turn speech into facial motion that goes on from the end of a reference clip.

    Parameters
    ----------
    audio : Audio
        The speech.
    sound, motion : Audio and Motion
        The reference: its sound, and the face in it with any of the 61 Live Link channels; second 0 of the motion is
        the start of its sound. The last two seconds of it are used.
    fps, style, seed, steps, predictor, progress
        As for `animate`.

    Returns
    -------
    Motion
        As from `animate`, from second 0 of the speech.

    Raises
    ------
    MotionError
        When the reference has none of the channels, or its motion ends before the last two seconds of its sound.
    """
    names = tuple(name for name in motion.channels if name in LIVE_LINK)
    frames = min(round(REACH * MOTION_FPS), int(sound.seconds * MOTION_FPS))
    begin = sound.seconds - frames / MOTION_FPS
    if not names or frames < 1 or motion.end <= begin:
        raise MotionError(
            "Expected a reference whose face moves to the end of its sound, in channels such as jawOpen, got "
            f"{len(names)} such channels from {motion.start:.1f} s to {motion.end:.1f} s of {sound.seconds:.1f} s."
        )
    predictor = predictor or load_predictor()
    level = gain_to_speech_level(sound.samples) / gain_to_speech_level(audio.samples)
    before = sound.samples[-round(frames / MOTION_FPS * RATE) :] * np.float32(level)
    shown = motion.select(names).at(begin + np.arange(frames) / MOTION_FPS)
    plain, phones = predictor.hear(
        Audio(np.concatenate([before, audio.samples])),
        style=style,
        seed=seed,
        steps=steps,
        pins=Motion(shown, names, MOTION_FPS),
        progress=progress,
    )
    plain = Motion(plain.values[frames:], plain.channels, MOTION_FPS)
    return finished(plain, Phones(phones.shares[frames:], MOTION_FPS), style=style, seed=seed, fps=fps)
