# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way from sound to motion."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..adjust.adjustments import Sliders, dialled
from ..core.analysis import heard, phones_of, voice_of
from ..core.audio import Audio
from ..core.motion import Motion
from ..core.phonemes import Phones
from ..core.timing import checked_seed
from ..layers import apply_layers
from ..policy.inpainting import spare, write_over
from ..policy.predictor import Predictor, load_predictor
from ..styles.apply import styled
from ..styles.style import Style, neutral

__all__ = ["animate", "finished", "with_ears"]


def animate(
    audio: Audio,
    *,
    fps: float = 60.0,
    style: Style | None = None,
    seed: int = 0,
    steps: int | None = None,
    pins: Motion | Sequence[Motion] | None = None,
    sliders: Sliders | None = None,
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
    style : Style, optional
        How to articulate; neutral when not given.
    seed : int
        In [0, 2**31). The same seed gives the same take; others move what sound does not tell (blinks, gaze).
    steps : int, optional
        1, 2 or 4 steps of sampling for each 80 ms; the model's own number when not given.
    pins : Motion or sequence of Motion, optional
        Frames to be kept as they are, of each from its first to its last moment, for the channels it has; any frame
        rate. Starts are in seconds of the sound. The motion is made to flow into and out of them.
    sliders : Sliders, optional
        Sliders, emotions, masks and gains of phones; curves in them have a value for each frame at 50 per second.
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
    checked_seed(seed)
    predictor = predictor or load_predictor()
    plain, phones = predictor.hear(audio, style=style, seed=seed, steps=steps, pins=pins, progress=progress)
    ears = None if sliders is None else heard(phones, audio.samples)
    return finished(plain, phones, style=style, seed=seed, fps=fps, pins=pins, sliders=sliders, ears=ears)


def finished(
    plain: Motion,
    phones: Phones,
    *,
    style: Style | None = None,
    seed: int = 0,
    fps: float = 60.0,
    pins: Motion | Sequence[Motion] | None = None,
    sliders: Sliders | None = None,
    ears: Motion | None = None,
) -> Motion:
    """Everything that comes after the model, which can be done again without it: style, layers, sliders, frame rate.

    Parameters
    ----------
    plain, phones
        As `Predictor.hear` gives them for style, seed and pins.
    style, seed, fps, pins, sliders
        As for `animate`. A style with other slots wants the model again.
    ears : Motion, optional
        What `heard.heard` gives, for sliders that go by phones or by how loud the voice is.
    """
    style = style or neutral()
    motion = apply_layers(styled(plain, phones, style), seed, style=style)
    if sliders is not None:
        motion = with_ears(motion, sliders, ears)
    if pins is None:
        return motion.resample(fps)
    return write_over(spare(motion, plain, pins).resample(fps), pins)


def with_ears(motion: Motion, sliders: Sliders, ears: Motion | None) -> Motion:
    """The motion with everything dialled, as it is in a preview, a bake and a replay."""
    if ears is None:
        return dialled(motion, sliders)
    return dialled(motion, sliders, phones=phones_of(ears), voice=voice_of(ears, motion.times))
