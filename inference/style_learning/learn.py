# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning how somebody speaks: from speech with motion in closed form, or from a voice alone by the style encoder.

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

SHORTEST_SPEECH = 0.5  # s of speech with motion, below which nothing can be said
FEWEST_CHANNELS = 3  # of the mouth
LARGEST_ASYMMETRY, ASYMMETRY_SPREAD = 0.6, 0.1
SILENCE = PHONES.index("SIL")


@dataclass(frozen=True)
class Learned:
    """A style, and what is to be said of it: how sure it is, and what there was too little of."""

    style: Style
    report: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Material:
    """What was shown and what the neutral style makes of the same sound, both in the same F frames.

    Parameters
    ----------
    shown, neutral : Motion
        `neutral` has all channels, without layers.
    base : ndarray [shape=(F, 27)]
        The neutral mouth with the rules for pauses, breath and p, b and m, which go by the whole sound.
    phones : ndarray [shape=(F, 40)]
    known : ndarray [shape=(27,), bool]
        Channels of ``MOUTH`` that move in what was shown.
    lead : float
        Seconds by which what was shown is early; the neutral frames have been taken as much later.
    """

    shown: Motion
    neutral: Motion
    base: np.ndarray
    phones: np.ndarray
    known: np.ndarray
    lead: float

    @property
    def speech(self) -> float:
        """Seconds in which somebody speaks."""
        return float((self.phones[:, SILENCE] < 0.5).sum() / self.shown.fps)


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
    plain, phones = stages.plain_take(predictor, audio, progress=progress)
    motion, moved_by = aligned(motion, plain, phones, audio.seconds)
    material = _material(audio, motion, plain, phones, timed=moved_by == 0)
    base, shown = material.base, _mouth(material.shown)
    free = headroom(material.phones)
    found = fit(base, shown, material.phones, free, material.known, material.shown.fps)
    alive = liveliness(material.shown, stages.finished(plain, phones, fps=MOTION_FPS))
    style = _style(name, found, alive, material.lead)
    style = replace(style, asymmetry=_asymmetry(found, base, shown, material, free))
    style = replace(style, posture=posture(material.shown, material.neutral, style.brows))
    report = report_of_motion(style, found, alive, material.phones, material.shown, material.speech, moved_by)
    return Learned(replace(style, about="\n".join(("Learned from speech and motion.", *report))), report)


def learn_voice(audio: Audio, *, name: str = "voice", predictor: Predictor | None = None) -> Learned:
    """What a voice alone tells of how its owner speaks: how strongly each phone speaks in the model's memory.

    Raises
    ------
    StyleError
        When there are less than 3 s of speech.
    """
    predictor = predictor or load_predictor()
    style = Style(name, predictor.slots_of(audio))
    report = report_of_voice(style, predictor.phonemes(audio))
    return Learned(replace(style, about="\n".join(("Learned from a voice alone.", *report))), report)


def _material(audio: Audio, motion: Motion, plain: Motion, phones: Phonemes, *, timed: bool) -> Material:
    """The frames in which there is both sound and motion."""
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
    base = stages.shape(plain, phones, NEUTRAL, seed=0).select(MOUTH).at(times + lead)
    material = Material(shown, later, base, phones.at(times + lead), known, lead)
    if material.speech < SHORTEST_SPEECH:
        raise StyleError(
            f"Expected at least {SHORTEST_SPEECH:g} s of speech with motion, heard {material.speech:.1f} s in "
            f"{count / fps:.1f} s. Choose a part in which somebody speaks; 10 s and more teach well."
        )
    return material


def _mouth(shown: Motion) -> np.ndarray:
    """All 27 channels, 0 where there are none [shape=(F, 27)]."""
    zero = np.zeros(shown.frames, np.float32)
    return np.stack([shown.channel(name) if name in shown.channels else zero for name in MOUTH], axis=1)


def _style(name: str, found: Fit, alive: Liveliness, lead: float) -> Style:
    lively = {
        key: getattr(alive, key) for key in ("brows", "head", "gaze", "blinks") if getattr(alive, key) is not None
    }
    return replace(NEUTRAL, name=name, gains=found.gains, rest=found.rest, lead=lead, **lively)


def _asymmetry(found: Fit, base: np.ndarray, shown: np.ndarray, material: Material, free: np.ndarray) -> float:
    """How much more the left half moves, by ridge on what the fit leaves over."""
    pairs = material.known & (SIDE != 0)
    if pairs.sum() < 2:
        return 0.0
    metric = np.where(pairs[:, None] & pairs[None], lips_metric(), 0.0)
    made = found.mouth(base, material.phones, free)
    left = np.where(pairs, shown - made, 0.0)
    way = free * SIDE * base * (material.phones @ found.gains)[:, REGION_OF]
    noise = np.einsum("fc,cd,fd->f", left, metric, left).mean() + 1e-6
    weight = 4.0 / material.shown.fps / noise  # as independent frames as the ridge counts
    gram = np.einsum("fc,cd,fd->", way, metric, way)
    aim = np.einsum("fc,cd,fd->", way, metric, left)
    value = weight * aim / (weight * gram + 1 / ASYMMETRY_SPREAD**2)
    return float(np.clip(value, -LARGEST_ASYMMETRY, LARGEST_ASYMMETRY))
