# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages from sound to motion, in their order; whole sounds, live ones, replays and style learning use these.

``encode -> sample -> shape -> adjusted -> resampled``. A take's seed enters at `sample`, so takes of one sound share
its encoding; sliders enter at `adjusted`, so what comes before need not be made again while one is dragged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..adjust.adjustments import Adjustments, adjust
from ..articulation import articulated
from ..audio.loudness import loudness_curve
from ..core.analysis import SpeechAnalysis
from ..core.audio import Audio
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.timing import checked_seed
from ..layers import apply_layers
from ..lips.constraint import constrain
from ..lips.contacts import lip_contacts
from ..policy.encoding import Encoding
from ..policy.inpainting import fade_near_pins, overwrite
from ..policy.predictor import Predictor
from ..prosody.beats import with_beats
from ..prosody.prosody import Prosody
from ..prosody.size import USUAL, with_effort
from ..styles.apply import apply_style, begun, model_context
from ..styles.style import Style, neutral

Progress = Callable[[float], None]
Pinned = Motion | Sequence[Motion] | None

_QUIETEST = -60.0  # dB


def encode(predictor: Predictor, audio: Audio, style: Style | None = None) -> Encoding:
    """The encoding of a sound, which all its takes in one style share."""
    return predictor.encode(audio, None if style is None else style.slots)


def sample(
    predictor: Predictor,
    encoding: Encoding,
    seed: int = 0,
    *,
    style: Style | None = None,
    steps: int | None = None,
    variation: float | None = None,
    pins: Pinned = None,
    progress: Progress | None = None,
) -> Motion:
    """A take as `Predictor.sample` gives it, begun in the context of its style, with the voice's effort and beats.

    Pinned frames are as they were given.
    """
    begins = model_context(style or neutral())
    context = begins if predictor.card.live else None  # files begin so by rule, and their mouth is left alone
    given = {"steps": steps, "variation": variation, "pins": pins, "context": context, "progress": progress}
    drawn = predictor.sample(encoding, checked_seed(seed), **given)
    moved = voiced(drawn, encoding.prosody, begins if context is None else None)
    return moved if pins is None else fade_near_pins(moved, drawn, pins)


def voiced(drawn: Motion, said: Prosody, begins: Motion | None = None) -> Motion:
    """What the policy drew with the voice's effort and beats, begun in a context by rule where one is given."""
    moved = with_beats(with_effort(drawn, said.effort, USUAL), said)
    return moved if begins is None else begun(moved, begins)


def spoken(plain: Motion, phonemes: Phonemes, style: Style) -> Motion:
    """A take of the model in its style, with tongue and cheeks."""
    return articulated(apply_style(plain, phonemes, style), phonemes, style.lead)


def plain_take(
    predictor: Predictor,
    audio: Audio,
    seed: int = 0,
    *,
    style: Style | None = None,
    steps: int | None = None,
    pins: Pinned = None,
    progress: Progress | None = None,
) -> tuple[Motion, Phonemes]:
    """`encode` and `sample` in one, for a sound of which one take is wanted: the take, and the sound's phonemes."""
    encoding = encode(predictor, audio, style)
    motion = sample(predictor, encoding, seed, style=style, steps=steps, pins=pins, progress=progress)
    return motion, encoding.phonemes


def analyse(encoding: Encoding, audio: Audio) -> SpeechAnalysis:
    """The analysis of a sound, for sliders that go by phonemes or by the voice."""
    loudness = loudness_curve(audio.samples)[: encoding.frames].clip(_QUIETEST)
    return SpeechAnalysis(encoding.phonemes, loudness, encoding.prosody.effort)


def shape(plain: Motion, phonemes: Phonemes, style: Style, seed: int) -> Motion:
    """A take of the model in its style, with tongue and cheeks, the layers over it and lips that meet."""
    motion = apply_layers(spoken(plain, phonemes, style), seed, style=style)
    return constrain(motion, lip_contacts(motion))


def adjusted(motion: Motion, sliders: Adjustments | None, analysis: SpeechAnalysis | None = None) -> Motion:
    """A take with its sliders, emotions and gains applied, as previews, bakes and replays show it."""
    if sliders is None:
        return motion
    if analysis is None:
        return adjust(motion, sliders)
    return adjust(motion, sliders, phones=analysis.phonemes, voice=analysis.voice_at(motion.times))


def resampled(motion: Motion, fps: float, plain: Motion | None = None, pins: Pinned = None) -> Motion:
    """A take at another frame rate; pins of `plain`, the model's take, are exactly as they were given."""
    if pins is None or plain is None:
        return motion.resample(fps)
    return overwrite(fade_near_pins(motion, plain, pins).resample(fps), pins)


def finished(
    plain: Motion,
    phonemes: Phonemes,
    *,
    style: Style | None = None,
    seed: int = 0,
    fps: float = 60.0,
    pins: Pinned = None,
    sliders: Adjustments | None = None,
    analysis: SpeechAnalysis | None = None,
) -> Motion:
    """The stages after the model, which can be run again without it: style, layers, sliders, frame rate.

    Parameters
    ----------
    plain, phonemes
        The take as `sample` gives it, and the phonemes of its encoding.
    style, seed, fps, pins, sliders
        As for `animate`. For a style with other slots the model has to run again.
    analysis : SpeechAnalysis, optional
        For sliders that go by phonemes or by the voice.
    """
    motion = shape(plain, phonemes, style or neutral(), seed)
    return resampled(adjusted(motion, sliders, analysis), fps, plain, pins)
