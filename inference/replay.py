# SPDX-License-Identifier: GPL-3.0-or-later
"""A take from its recipe: the same curves, bit for bit, on the same kind of processor."""

from __future__ import annotations

from collections.abc import Callable

from .audio import Audio
from .card import ModelCard
from .compose import mix
from .errors import RecipeError
from .features import MOTION_FPS
from .heard import heard
from .motion import Motion
from .pipeline import finished, with_ears
from .predictor import Predictor, load_predictor
from .recipe import Generated, How, Recipe, audio_sha256, model_sha256, package_version

Progress = Callable[[float], None]


def replay(
    recipe: Recipe, audio: Audio, *, predictor: Predictor | None = None, progress: Progress | None = None
) -> Motion:
    """Make the curves of a recipe again.

    Parameters
    ----------
    recipe : Recipe
        Of any take; each take that it is made of is generated once.
    audio : Audio
        Its sound: the same part of the same file.
    predictor : Predictor, optional
        By default the shipped model on the best device. See `doubts` for whether that gives the same bits.
    progress : callable, optional
        Called with the part done, in [0, 1]. What it raises ends the work.

    Returns
    -------
    Motion
        At the recipe's frame rate, from 0 s.

    Raises
    ------
    RecipeError
        When the sound or the model is another one; the text names both.
    """
    predictor = predictor or load_predictor()
    ensure_same(recipe, audio, predictor.card)
    asked = list({_key(one): one for one in recipe.generated()}.values())
    made: dict[str, Motion] = {}
    phones = None
    for number, one in enumerate(asked):

        def report(part: float, number: int = number) -> None:
            if progress is not None:
                progress((number + part) / len(asked))

        plain, phones = predictor.hear(audio, style=one.style, seed=one.seed, steps=one.steps, progress=report)
        made[_key(one)] = finished(plain, phones, style=one.style, seed=one.seed, fps=MOTION_FPS)
    motion = _put_together(recipe.how, made)
    if recipe.sliders is not None:
        motion = with_ears(motion, recipe.sliders, heard(phones, audio.samples) if phones else None)
    return motion.resample(recipe.fps)


def ensure_same(recipe: Recipe, audio: Audio, card: ModelCard) -> None:
    """Raise a RecipeError when a recipe was made with another sound or another model."""
    heard = audio_sha256(audio)
    if heard != recipe.sound.sha256:
        part = f" from {recipe.sound.start:g} s" if recipe.sound.start else ""
        part += f" for {recipe.sound.duration:g} s" if recipe.sound.duration else ""
        raise RecipeError(
            f"Expected the sound of this recipe, '{recipe.sound.name}'{part} (SHA-256 {recipe.sound.sha256[:12]}), got "
            f"another one (SHA-256 {heard[:12]}, {audio.seconds:.2f} s). Give the file that the take was made from."
        )
    loaded = model_sha256(card)
    for one in recipe.generated():
        if one.model_sha256 != loaded:
            raise RecipeError(
                f"Expected the model of this recipe, {one.model} (SHA-256 {one.model_sha256[:12]}), got {card.name} "
                f"{card.version} (SHA-256 {loaded[:12]}). Install facewright {one.package}, or generate anew with seed "
                f"{one.seed}."
            )


def doubts(recipe: Recipe, provider: str) -> list[str]:
    """What may make a replay on `provider` differ in the last bits, or more; nothing when it will be exact."""
    said = []
    others = sorted({one.provider for one in recipe.generated()} - {provider})
    if others:
        said.append(f"The take was made on {' and '.join(others)}, this is {provider}: the last digits may differ.")
    versions = sorted({one.package for one in recipe.generated()} - {package_version()})
    if versions:
        said.append(
            f"The take was made by facewright {' and '.join(versions)}, this is {package_version()}: blinks, gaze and "
            "other rules may differ."
        )
    return said


def _put_together(how: How, made: dict[str, Motion]) -> Motion:
    if isinstance(how, Generated):
        return made[_key(how)]
    return mix(_put_together(how.base, made), _put_together(how.other, made), how.regions, how.span)


def _key(one: Generated) -> str:
    return one.to_json()
