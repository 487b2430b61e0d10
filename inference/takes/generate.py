# SPDX-License-Identifier: GPL-3.0-or-later
"""Making takes of a clip, each with the recipe that makes it again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any

from ..adjust.adjustments import Adjustments
from ..core.analysis import SpeechAnalysis
from ..core.audio import Audio
from ..core.clip import Clip
from ..core.motion import Motion
from ..core.timing import checked_seed
from ..pipeline import stages
from ..pipeline.in_parts import LONG, take_in_parts
from ..policy.encoding import Encoding
from ..policy.predictor import Predictor
from ..styles.style import Style
from .recipe import Recipe, Sound, generated

Progress = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class NewTake:
    """A take that was just made; its seconds count from the beginning of the clip.

    Parameters
    ----------
    motion : Motion
    seed : int
    recipe : Recipe or None
        None where it was made from something that a recipe cannot hold: pins, or a take without a recipe.
    """

    motion: Motion
    seed: int
    recipe: Recipe | None


def generate(
    clip: Clip,
    audio: Audio,
    seeds: Sequence[int],
    predictor: Predictor,
    *,
    style: Style | None = None,
    steps: int | None = None,
    variation: float | None = None,
    fps: float = 60.0,
    pins: Motion | Sequence[Motion] | None = None,
    sliders: Adjustments | None = None,
    analysed: Callable[[SpeechAnalysis], None] | None = None,
    progress: Progress | None = None,
) -> Iterator[NewTake]:
    """Takes of one sound, which is encoded once for all of them.

    Parameters
    ----------
    clip : Clip
        The stretch of the file that the sound is.
    audio : Audio
        The sound of the clip.
    seeds : sequence of int
        One for each take.
    predictor, style, steps, variation, fps, pins, sliders
        As for `pipeline.animate`.
    analysed : callable, optional
        Called with the analysis of the sound, before the first take is there.
    progress : callable, optional
        Called with the part done, in [0, 1]. What it raises ends the work.

    Yields
    ------
    NewTake
        In the order of the seeds.

    Raises
    ------
    FacewrightError
        As `animate`.
    """
    seeds = [checked_seed(seed) for seed in seeds]
    encoding = stages.encode(predictor, audio, style)
    how = {"style": style, "steps": steps, "variation": variation, "pins": pins}
    long = encoding.frames > LONG and pins is None and sliders is None
    plain = [] if long else _sampled(predictor, encoding, seeds, how, progress)
    analysis = None
    sound = None if pins else Sound.of(clip, audio)
    for number, seed in enumerate(seeds):
        if long:
            report = _part(progress, number, len(seeds))
            given = {"style": style, "steps": steps, "variation": variation, "progress": report}
            motion = take_in_parts(predictor, encoding, seed, fps=fps, **given)
        if number == 0 and (analysed is not None or sliders is not None):  # the first take has told the phonemes
            analysis = stages.analyse(encoding, audio)
            if analysed is not None:
                analysed(analysis)
        if not long:
            given = {"style": style, "fps": fps, "pins": pins, "sliders": sliders, "analysis": analysis}
            motion = stages.finished(plain[number], encoding.phonemes, seed=seed, **given)
        recipe = None
        if sound is not None:
            source = generated(predictor.card, predictor.provider, seed, steps, style, variation)
            recipe = Recipe(sound, source, motion.fps, sliders)
        yield NewTake(motion, seed, recipe)


def _part(progress: Progress | None, number: int, count: int) -> Progress | None:
    """What one of some takes that are made one after the other reports its progress to."""
    return None if progress is None else lambda part: progress((number + part) / count)


def _sampled(
    predictor: Predictor,
    encoding: Encoding,
    seeds: Sequence[int],
    how: Mapping[str, Any],
    progress: Progress | None,
) -> list[Motion]:
    """The takes right from the model, several at a time: one of them keeps one core busy."""
    done, lock = [0.0] * len(seeds), Lock()

    def sampled(number: int) -> Motion:
        def report(part: float) -> None:
            if progress is not None:
                with lock:
                    done[number] = part
                    progress(sum(done) / len(done))

        return stages.sample(predictor, encoding, seeds[number], **how, progress=report)

    if len(seeds) == 1:
        return [sampled(0)]
    _ = encoding.phonemes  # computes the encoding that all takes share, once, before the threads ask for it
    with ThreadPoolExecutor(min(len(seeds), os.cpu_count() or 1)) as pool:
        return list(pool.map(sampled, range(len(seeds))))
