# SPDX-License-Identifier: GPL-3.0-or-later
"""Retakes: some frames of a take made again, as musicians punch in. The frames around are pinned.

The policy leads out of the take and back into it, and hears only the sound around. Blender's Punch In and a replay
both use `retake_frames`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from ..core.audio import RATE, Audio
from ..core.errors import MotionError
from ..core.motion import Motion
from ..core.parts import PARTS, channels_of_parts
from ..core.timing import MOTION_FPS
from ..pipeline.animate import animate
from ..policy.predictor import Predictor
from ..styles.style import Style
from .generate import NewTake
from .how import punched
from .recipe import Recipe, generated

AROUND = 20.0  # s of sound before and after that are encoded with it, so that its loudness is judged alike
_SAMPLES = round(RATE / MOTION_FPS)  # per frame


def retake_frames(
    base: Motion,
    audio: Audio,
    rows: slice,
    *,
    seed: int,
    parts: Collection[str] = (),
    steps: int | None = None,
    variation: float | None = None,
    style: Style | None = None,
    predictor: Predictor | None = None,
    progress: Callable[[float], None] | None = None,
) -> Motion:
    """The take with these frames made again.

    Parameters
    ----------
    base : Motion
        A take of `audio` at 50 frames per second from 0 s; all its other frames stay to the last bit.
    audio : Audio
        The sound of the whole take.
    rows : slice
        First frame that is made again, and the one after the last.
    parts : collection of str
        Those of `core.parts` that are made again; all when empty. The others stay to the last bit on these frames, too,
        and what is made anew goes with them.
    seed, steps, variation, style, predictor, progress
        As for `animate`.

    Raises
    ------
    FacewrightError
        As `animate`; `MotionError` when the take has another rate or start, or not these frames; `StyleError` when a
        part is unknown.
    """
    free = channels_of_parts(parts or PARTS)
    if style is not None and rows.start > 0:
        style = replace(style, context=None)  # only the take's own beginning is begun in it
    if (base.fps, base.start) != (MOTION_FPS, 0.0) or not 0 <= rows.start < rows.stop <= base.frames:
        raise MotionError(
            f"Expected frames of a take at {MOTION_FPS:g} fps from 0 s, got {rows.start} to {rows.stop} of "
            f"{base.frames} at {base.fps:g} fps from {base.start:g} s. Generate a take."
        )
    reach = round(AROUND * MOTION_FPS)
    first, last = max(rows.start - reach, 0), min(rows.stop + reach, base.frames)
    ends = ((first, rows.start), (rows.stop, last))
    pins = [replace(base, values=base.values[a:b], start=(a - first) / MOTION_FPS) for a, b in ends if a < b]
    held = [name for name in base.channels if name not in free]
    if held:
        kept = base.select(held)
        pins.append(replace(kept, values=kept.values[rows], start=(rows.start - first) / MOTION_FPS))
    part = Audio(audio.samples[first * _SAMPLES : last * _SAMPLES])
    given = {"seed": seed, "steps": steps, "variation": variation, "style": style}
    given |= {"predictor": predictor, "progress": progress}
    new = animate(part, fps=MOTION_FPS, pins=pins or None, **given)
    names = [name for name in base.channels if name in free]
    values = base.select(names).values.copy()
    values[rows] = new.select(names).values[rows.start - first : rows.stop - first]
    return base.with_channels(names, values)


def retake(
    base: Motion,
    recipe: Recipe | None,
    audio: Audio,
    rows: slice,
    predictor: Predictor,
    *,
    seed: int,
    parts: Collection[str] = (),
    variation: float | None = None,
    style: Style | None = None,
    progress: Callable[[float], None] | None = None,
) -> NewTake:
    """The new take as `retake_frames` makes it, with its recipe where the old take has one."""
    given = {"seed": seed, "parts": parts, "variation": variation, "style": style}
    given |= {"predictor": predictor, "progress": progress}
    motion = retake_frames(base, audio, rows, **given)
    if recipe is not None:
        new = generated(predictor.card, predictor.provider, seed, None, style, variation)
        recipe = replace(recipe, how=punched(recipe.how, new, rows.start, rows.stop, parts))
    return NewTake(motion, seed, recipe)
