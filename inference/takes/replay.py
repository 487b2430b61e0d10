# SPDX-License-Identifier: GPL-3.0-or-later
"""Replay: a take made again from its recipe, with the same curves, bit for bit, on the same kind of processor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from ..core.analysis import SpeechAnalysis
from ..core.audio import Audio
from ..core.errors import RecipeError
from ..core.motion import Motion
from ..core.timing import MOTION_FPS
from ..pipeline import stages
from ..pipeline.in_parts import LONG, take_in_parts
from ..policy.card import ModelCard
from ..policy.encoding import Encoding
from ..policy.predictor import Predictor, load_predictor
from .how import Generated, How, Mixed, Punch, Punched, Retaken
from .mix import mix
from .recipe import Recipe, audio_sha256, model_sha256, package_version
from .retake import retake_frames

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Replayed:
    """A take made again, and the analysis of its sound.

    Parameters
    ----------
    motion : Motion
        At the recipe's frame rate, from 0 s.
    analysis : SpeechAnalysis
    doubts : tuple of str
        Sentences on why the curves may differ from the first time; empty when they are the same.
    """

    motion: Motion
    analysis: SpeechAnalysis
    doubts: tuple[str, ...]


def replay(
    recipe: Recipe, audio: Audio, *, predictor: Predictor | None = None, progress: Progress | None = None
) -> Motion:
    """Make the curves of a recipe again; arguments and errors as for `replayed`."""
    return replayed(recipe, audio, predictor=predictor, progress=progress).motion


def replayed(
    recipe: Recipe, audio: Audio, *, predictor: Predictor | None = None, progress: Progress | None = None
) -> Replayed:
    """Make the curves of a recipe again, with the analysis of the sound and any doubts.

    Parameters
    ----------
    recipe : Recipe
        The recipe of any take; each take in it is generated once, and the sound encoded once for each style.
    audio : Audio
        Its sound: the same part of the same file.
    predictor : Predictor, optional
        By default the shipped model on the best device. See `doubts` for whether that gives the same bits.
    progress : callable, optional
        Called with the part done, in [0, 1]. What it raises ends the work.

    Raises
    ------
    RecipeError
        When sound or model are not those of the recipe; the text names both.
    """
    predictor = predictor or load_predictor()
    ensure_same(recipe, audio, predictor.card)
    work = _Work(audio, predictor, len({_key(source) for source in recipe.generated()}), progress)
    motion = work.make(recipe.how)
    analysis = stages.analyse(work.encoding, audio)
    motion = stages.adjusted(motion, recipe.sliders, analysis).resample(recipe.fps)
    return Replayed(motion, analysis, tuple(doubts(recipe, predictor.provider)))


@dataclass
class _Work:
    """Makes the takes of one recipe, each once, however often it is used."""

    audio: Audio
    predictor: Predictor
    count: int  # how many takes are to be generated
    progress: Progress | None
    takes: dict[bytes, Motion] = field(default_factory=dict)
    encodings: dict[bytes, Encoding] = field(default_factory=dict)  # by the slots of the style
    done: int = 0

    @property
    def encoding(self) -> Encoding:
        """The sound as it was encoded first: no style changes its phonemes and its prosody."""
        return next(iter(self.encodings.values()))

    def make(self, how: How) -> Motion:
        """The take that a recipe describes, at 50 frames per second."""
        if isinstance(how, Mixed):
            return mix(self.make(how.base), self.make(how.other), how.regions, how.span)
        key = _key(how)
        if key not in self.takes:
            self.takes[key] = self._generated(how) if isinstance(how, Generated) else self._retaken(how)
            self.done += isinstance(how, Generated)
        return self.takes[key]

    def _generated(self, how: Generated) -> Motion:
        slots = b"" if how.style is None else how.style.slots.tobytes()
        if slots not in self.encodings:
            self.encodings[slots] = stages.encode(self.predictor, self.audio, how.style)
        encoding, style = self.encodings[slots], how.style
        given = {"style": style, "steps": how.steps, "variation": how.variation, "progress": self._report}
        if encoding.frames > LONG:
            return take_in_parts(self.predictor, encoding, how.seed, fps=MOTION_FPS, **given)
        plain = stages.sample(self.predictor, encoding, how.seed, **given)
        return stages.finished(plain, encoding.phonemes, style=style, seed=how.seed, fps=MOTION_FPS)

    def _retaken(self, how: Punched | Retaken) -> Motion:
        made = self.make(how.base)
        punches = [Punch(how.first, how.last, how.new.seed)] if isinstance(how, Punched) else how.punches
        for punch in punches:
            new = how.new if isinstance(how, Punched) else how.made(punch)
            given = {"seed": new.seed, "parts": punch.parts, "steps": new.steps, "style": new.style}
            given["variation"] = new.variation
            rows = slice(punch.first, punch.last)
            made = retake_frames(made, self.audio, rows, **given, predictor=self.predictor, progress=self._report)
            self.done += 1
        return made

    def _report(self, part: float) -> None:
        if self.progress is not None:
            self.progress(min((self.done + part) / self.count, 1.0))


def ensure_same(recipe: Recipe, audio: Audio, card: ModelCard) -> None:
    """Raise a RecipeError when a recipe was made with another sound or another model."""
    ensure_same_sound(recipe, audio)
    loaded = model_sha256(card)
    for take in recipe.generated():
        if take.model_sha256 != loaded:
            raise RecipeError(
                f"Expected the model of this recipe, {take.model} (SHA-256 {take.model_sha256[:12]}), got {card.name} "
                f"{card.version} (SHA-256 {loaded[:12]}). Install facewright {take.package}, or generate anew with "
                f"seed {take.seed}."
            )


def ensure_same_sound(recipe: Recipe, audio: Audio) -> None:
    """Raise a RecipeError when a recipe was made with another sound."""
    sha256 = audio_sha256(audio)
    if sha256 != recipe.sound.sha256:
        part = f" from {recipe.sound.start:g} s" if recipe.sound.start else ""
        part += f" for {recipe.sound.duration:g} s" if recipe.sound.duration else ""
        raise RecipeError(
            f"Expected the sound of this recipe, '{recipe.sound.name}'{part} (SHA-256 {recipe.sound.sha256[:12]}), got "
            f"another one (SHA-256 {sha256[:12]}, {audio.seconds:.2f} s). Give the file that the take was made from."
        )


def doubts(recipe: Recipe, provider: str) -> list[str]:
    """Sentences on why a replay on `provider` may differ in the last bits, or more; none when it will be exact."""
    sentences = []
    others = sorted({take.provider for take in recipe.generated()} - {provider})
    if others:
        sentences.append(
            f"The take was made on {' and '.join(others)}, this is {provider}: the last digits may differ."
        )
    versions = sorted({take.package for take in recipe.generated()} - {package_version()})
    if versions:
        sentences.append(
            f"The take was made by facewright {' and '.join(versions)}, this is {package_version()}: blinks, gaze and "
            "other rules may differ."
        )
    return sentences


def _key(how: How) -> bytes:
    """A key by which equal recipes of takes are the same."""
    return msgspec.json.encode(how)
