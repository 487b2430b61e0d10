# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning a style: from speech with motion in closed form, or from a voice alone by the style encoder.

What is shown may be any Motion of the same speech: our own take after an artist corrected it, an iPhone's recording,
curves captured from video or read back from F-curves, at any frame rate and with any part of the channels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ..core.audio import Audio
from ..core.channels import MOUTH, PHONES
from ..core.errors import StyleError
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.timing import MOTION_FPS
from ..pipeline import stages
from ..policy.predictor import Predictor, load_predictor
from ..styles.apply import REGION_OF, SIDE, headroom
from ..styles.style import NEUTRAL, Style
from .liveliness import Liveliness, liveliness
from .posture import posture
from .report import report_of_motion, report_of_voice
from .ridge import Fit, fit, lips_metric
from .timing import aligned, best_lead

SHORTEST_SPEECH = 0.5  # s of speech with motion that are needed at least
FEWEST_CHANNELS = 3  # of the mouth
LARGEST_ASYMMETRY, ASYMMETRY_SPREAD = 0.6, 0.1
SILENCE = PHONES.index("SIL")


@dataclass(frozen=True)
class Learned:
    """A style, and sentences on it: how sure it is, and which sounds there were too few of."""

    style: Style
    report: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Material:
    """The motion that was shown and the neutral style's of the same sound, both in the same F frames.

    Parameters
    ----------
    shown, neutral : Motion
        `neutral` has all channels, without layers.
    base : ndarray [shape=(F, 27)]
        The neutral mouth with layers and lips shut on p, b and m, as they come out for the whole sound.
    posteriors : ndarray [shape=(F, 40)]
        Of phonemes.
    known : ndarray [shape=(27,), bool]
        Channels of ``MOUTH`` that move in what was shown.
    lead : float
        Seconds by which the shown mouth is early; the neutral frames are taken as much later.
    """

    shown: Motion
    neutral: Motion
    base: np.ndarray
    posteriors: np.ndarray
    known: np.ndarray
    lead: float

    @property
    def speech(self) -> float:
        """Seconds in which somebody speaks."""
        return float((self.posteriors[:, SILENCE] < 0.5).sum() / self.shown.fps)


def learn(
    audio: Audio,
    motion: Motion,
    *,
    name: str = "learned",
    predictor: Predictor | None = None,
    progress: Callable[[float], None] | None = None,
) -> Learned:
    """The style in which somebody speaks, from the sound and the motion of the face.

    Parameters
    ----------
    audio : Audio
        The speech.
    motion : Motion
        The face in it, in any of ``CHANNELS``; second 0 is the start of the sound. A recording that begins after the
        end of the sound (an iPhone's timecode says the time of day) is laid where it fits best.
    name : str
        Of the style.
    predictor : Predictor, optional
        A loaded model; by default the shipped one.
    progress : callable, optional
        Called with the part done, in [0, 1]; may raise to cancel.

    Raises
    ------
    StyleError
        When there is too little speech, or too little of a mouth, to learn from.
    """
    predictor = predictor or load_predictor()
    plain, phonemes = stages.plain_take(predictor, audio, progress=progress)
    motion, moved_by = aligned(motion, plain, phonemes, audio.seconds)
    material = _material(audio, motion, plain, phonemes, timed=moved_by == 0)
    base, shown = material.base, _mouth(material.shown)
    free = headroom(material.posteriors)
    fitted = fit(base, shown, material.posteriors, free, material.known, material.shown.fps)
    usual = stages.finished(plain, phonemes, fps=MOTION_FPS)
    lively = liveliness(material.shown, usual)
    style = _style(name, fitted, lively, material.lead)
    style = replace(style, asymmetry=_asymmetry(fitted, base, shown, material, free))
    style = replace(style, posture=posture(material.shown, usual, style.brows))
    report = report_of_motion(style, fitted, lively, material.posteriors, material.shown, material.speech, moved_by)
    return Learned(replace(style, about="\n".join(("Learned from speech and motion.", *report))), report)


def learn_voice(audio: Audio, *, name: str = "voice", predictor: Predictor | None = None) -> Learned:
    """What a voice alone tells of how its owner speaks: how strongly each phoneme counts in the model's memory.

    Raises
    ------
    StyleError
        When there are less than 3 s of speech.
    """
    predictor = predictor or load_predictor()
    style = Style(name, predictor.slots_of(audio))
    report = report_of_voice(style, predictor.phonemes(audio))
    return Learned(replace(style, about="\n".join(("Learned from a voice alone.", *report))), report)


def _material(audio: Audio, motion: Motion, plain: Motion, phonemes: Phonemes, *, timed: bool) -> Material:
    """The frames in which there are both sound and motion, with the neutral style's motion in them."""
    fps = min(motion.fps, MOTION_FPS)
    first = max(motion.start, 0.0)
    count = int(np.floor((min(motion.end, audio.seconds) - first) * fps + 1e-6)) + 1
    if count < 2:
        raise StyleError(
            f"Expected motion of the same time as the sound, which lasts {audio.seconds:.1f} s, got motion from "
            f"{motion.start:.1f} s to {motion.end:.1f} s. Shift the motion, or choose its own sound."
        )
    times = first + np.arange(count) / fps
    shown = Motion(motion.at(times), motion.channels, fps, first)
    known = np.array([name in shown.channels and np.ptp(shown.channel(name)) > 1e-4 for name in MOUTH])
    if known.sum() < FEWEST_CHANNELS:
        raise StyleError(
            f"Expected at least {FEWEST_CHANNELS} moving jaw or mouth channels such as jawOpen, got {known.sum()}. "
            "Choose motion of a face that speaks."
        )
    lead = best_lead(shown, plain, known) if timed else 0.0
    later = Motion(plain.at(times + lead), plain.channels, fps, first)
    base = stages.shape(plain, phonemes, NEUTRAL, seed=0).select(MOUTH).at(times + lead)
    material = Material(shown, later, base, phonemes.at(times + lead), known, lead)
    if material.speech < SHORTEST_SPEECH:
        raise StyleError(
            f"Expected at least {SHORTEST_SPEECH:g} s of speech with motion, heard {material.speech:.1f} s in "
            f"{count / fps:.1f} s. Choose a part in which somebody speaks; 10 s and more teach well."
        )
    return material


def _mouth(shown: Motion) -> np.ndarray:
    """The 27 channels of ``MOUTH``, 0 where the motion lacks one [shape=(F, 27)]."""
    zero = np.zeros(shown.frames, np.float32)
    return np.stack([shown.channel(name) if name in shown.channels else zero for name in MOUTH], axis=1)


def _style(name: str, fitted: Fit, lively: Liveliness, lead: float) -> Style:
    """The style of what was learned; factors that were not shown stay neutral."""
    factors = {key: value for key, value in vars(lively).items() if value is not None}
    return replace(NEUTRAL, name=name, gains=fitted.gains, rest=fitted.rest, lead=lead, **factors)


def _asymmetry(fitted: Fit, base: np.ndarray, shown: np.ndarray, material: Material, free: np.ndarray) -> float:
    """How much more the left half moves, by ridge regression on the residual of the fit."""
    pairs = material.known & (SIDE != 0)
    if pairs.sum() < 2:
        return 0.0
    metric = np.where(pairs[:, None] & pairs[None], lips_metric(), 0.0)
    residual = np.where(pairs, shown - fitted.mouth(base, material.posteriors, free), 0.0)
    direction = free * SIDE * base * (material.posteriors @ fitted.gains)[:, REGION_OF]
    noise = np.einsum("fc,cd,fd->f", residual, metric, residual).mean() + 1e-6
    weight = 4.0 / material.shown.fps / noise  # as independent frames as the ridge counts
    gram = np.einsum("fc,cd,fd->", direction, metric, direction)
    aim = np.einsum("fc,cd,fd->", direction, metric, residual)
    value = weight * aim / (weight * gram + 1 / ASYMMETRY_SPREAD**2)
    return float(np.clip(value, -LARGEST_ASYMMETRY, LARGEST_ASYMMETRY))
