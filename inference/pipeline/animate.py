# SPDX-License-Identifier: GPL-3.0-or-later
"""`animate`: from a whole sound to its finished motion in one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..adjust.adjustments import Adjustments
from ..core.audio import Audio
from ..core.motion import Motion
from ..policy.predictor import Predictor, load_predictor
from ..styles.style import Style
from . import stages
from .in_parts import LONG, take_in_parts


def animate(
    audio: Audio,
    *,
    fps: float = 60.0,
    style: Style | None = None,
    seed: int = 0,
    steps: int | None = None,
    variation: float | None = None,
    pins: Motion | Sequence[Motion] | None = None,
    sliders: Adjustments | None = None,
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
        In [0, 2**31). The same seed gives the same take; other seeds change what sound does not tell (blinks, gaze).
    steps : int, optional
        1, 2 or 4 steps of sampling for each chunk; the model's own number when not given.
    variation : float, optional
        In [0, 1]: how much jaw and lips of takes with other seeds differ; the model's own, a small one, when not given.
    pins : Motion or sequence of Motion, optional
        Frames to be kept as they are, of each from its first to its last moment, for the channels it has; any frame
        rate. Starts are in seconds of the sound. The motion is made to flow into and out of them.
    sliders : Adjustments, optional
        Sliders, emotions, masks and gains of phonemes; curves in them have a value for each frame at 50 per second.
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
        When the seed or the variation is out of range; `ModelError` and `MotionError` as the parts raise them.
    """
    predictor = predictor or load_predictor()
    encoding = stages.encode(predictor, audio, style)
    given = {"style": style, "steps": steps, "variation": variation, "progress": progress}
    if encoding.frames > LONG and pins is None and sliders is None:
        return take_in_parts(predictor, encoding, seed, fps=fps, **given)
    given["pins"] = pins
    plain = stages.sample(predictor, encoding, seed, **given)
    analysis = None if sliders is None else stages.analyse(encoding, audio)
    return stages.finished(
        plain, encoding.phonemes, style=style, seed=seed, fps=fps, pins=pins, sliders=sliders, analysis=analysis
    )
