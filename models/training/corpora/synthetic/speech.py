# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic speech with exact phone times from flite, Festival and espeak-ng, to train the encoder on.

Every utterance draws its voice, text, tempo and pitch; silence, and often a little hiss, is put around it. Half of the
time goes to flite, whose voices are native speakers of English, the rest to voices of twelve languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path

import numpy as np

from facewright.inference.core.audio import RATE
from facewright.models.training.corpora.speechocean import Utterance
from facewright.models.training.corpora.synthetic import espeak, festival, flite
from facewright.models.training.corpora.synthetic import texts as synthetic_texts

SILENCE = (0.2, 0.8)  # seconds before and after
HISS = (-75.0, -50.0)  # dB below full scale, in seven of ten utterances
BATCH = 12  # texts that one run of Festival says

# Minutes of every variant.
FLITE = {"awb": 21.0, "rms": 21.0, "slt": 21.0, "kal16": 12.0}
FESTIVAL = {"kal": 5.0, "slt": 4.0, "nsh": 6.0, "lp": 4.0, "lj": 4.0, "ph": 4.0, "ona": 3.0}
ESPEAK = {"en-us": 5.0, "en": 3.0, "en-GB-x-rp": 5.0, "en-GB-scotland": 2.0, "en-US-nyc": 1.0, "de": 3.5, "fr": 3.5,
          "es": 3.0, "it": 2.5, "pt": 2.5, "ru": 2.5, "pl": 2.5, "cmn": 3.0, "ja": 3.0, "hi": 3.0}  # fmt: skip
SPEAKERS = ("m1", "m2", "m3", "m4", "m6", "m8", "f1", "f2", "f3", "f4", "klatt2", "klatt4", "Andy", "Annie", "belinda",
            "Mike", "Michael", "steph", "linda", "ed", "anika", "john")  # fmt: skip
# Never trained on: a speaker of English and one of Italian, two of espeak-ng's, and a language.
HELD_OUT_FESTIVAL = {"ked": 5.0, "pc": 1.5}
HELD_OUT_ESPEAK = {"en-us": 2.0, "en-GB-x-rp": 2.0, "nl": 2.5}
HELD_OUT_SPEAKERS = ("m7", "f5")


def utterances(speechocean: Path, variant: int) -> Iterator[Utterance]:
    """Two and a half hours to train on; another `variant` has other texts, tempos and pitches."""
    rng = np.random.default_rng([variant, 3])
    parts = [_lasting(_flite(voice, speechocean, rng), minutes, rng) for voice, minutes in FLITE.items()]
    parts += [_lasting(_festival(voice, speechocean, rng), minutes, rng) for voice, minutes in FESTIVAL.items()]
    for voice, minutes in ESPEAK.items():
        parts.append(_lasting(_espeak(voice, SPEAKERS, speechocean, rng), minutes, rng))
    return chain.from_iterable(parts)


def held_out(speechocean: Path) -> Iterator[Utterance]:
    """A quarter of an hour of voices that ``utterances`` has not."""
    rng = np.random.default_rng(4)
    parts = [_lasting(_festival(voice, speechocean, rng), minutes, rng) for voice, minutes in HELD_OUT_FESTIVAL.items()]
    for voice, minutes in HELD_OUT_ESPEAK.items():
        parts.append(_lasting(_espeak(voice, HELD_OUT_SPEAKERS, speechocean, rng), minutes, rng))
    return chain.from_iterable(parts)


def require() -> None:
    """Say a word with every voice.

    Raises
    ------
    RuntimeError
        When a program or voice is missing, naming the packages to install.
    """
    packages = " ".join(voice.package for voice in festival.VOICES.values())
    try:
        flite.say("one")
        for voice in festival.VOICES:
            festival.say(["no"], voice)
    except RuntimeError as error:
        raise RuntimeError(
            f"{error}\nThe synthetic part of the phone data needs flite, Festival and nine of its voices: "
            f"apt install flite festival festlex-cmu festlex-poslex {packages}"
        ) from error


def padded(utterance: Utterance, rng: np.random.Generator) -> Utterance:
    """The utterance with ``SILENCE`` before and after it, perhaps over a hiss."""
    before, after = (int(seconds * RATE) for seconds in rng.uniform(*SILENCE, 2))
    samples = np.pad(utterance.samples, (before, after))
    if rng.random() < 0.7:
        samples = samples + 10 ** (rng.uniform(*HISS) / 20) * rng.standard_normal(len(samples))
    phones = [(phone, begin + before / RATE, end + before / RATE) for phone, begin, end in utterance.phones]
    return replace(utterance, samples=samples.astype(np.float32), phones=phones)


def _texts(language: str, speechocean: Path, rng: np.random.Generator) -> Iterator[str]:
    if language.startswith("en"):
        return synthetic_texts.english(speechocean, rng)
    return synthetic_texts.foreign(language, rng)


def _stretch(rng: np.random.Generator) -> float:
    return float(np.exp(rng.uniform(-0.2, 0.25)))


def _flite(voice: str, speechocean: Path, rng: np.random.Generator) -> Iterator[Utterance]:
    for text in _texts("en", speechocean, rng):
        yield flite.say(text, voice, _stretch(rng))


def _festival(voice: str, speechocean: Path, rng: np.random.Generator) -> Iterator[Utterance]:
    texts = _texts(festival.VOICES[voice].language, speechocean, rng)
    while True:
        yield from festival.say(list(islice(texts, BATCH)), voice, _stretch(rng))


def _espeak(voice: str, speakers: tuple[str, ...], speechocean: Path, rng: np.random.Generator) -> Iterator[Utterance]:
    for text in _texts(voice, speechocean, rng):
        speaker = f"{voice}+{rng.choice(speakers)}"
        yield espeak.say(text, speaker, int(rng.integers(120, 230)), int(rng.integers(25, 80)))


def _lasting(endless: Iterator[Utterance], minutes: float, rng: np.random.Generator) -> Iterator[Utterance]:
    """So many of the utterances, ``padded``, that they last as long as this."""
    left = minutes * 60 * RATE
    while left > 0:
        utterance = padded(next(endless), rng)
        left -= len(utterance.samples)
        yield utterance
