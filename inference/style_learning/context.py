# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning a style in context: besides all that `learn` takes from a reference clip, takes go on from its end.

What that does and does not do is in docs/evaluation/styles.md, with figures: brows, head and gaze begin as in the
reference and are back at the model's own within half a second to two; jaw and lips stay as they are, to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..core.audio import Audio
from ..core.errors import StyleError
from ..core.motion import Motion
from ..core.regions import REGIONS, WEIGHTS
from ..core.timing import MOTION_FPS, PAST
from ..policy.predictor import Predictor
from ..styles.context import LARGEST_TURN, REGIONS_SHOWN, SHOWN, context_from
from .learn import Learned, learn

MOVES = 1e-4  # least range of a channel that counts as moving
# How long a take needs to leave what the context shows; measured, see docs/evaluation/styles.md.
LEAVES = {"brows": "half a second", "head": "two seconds", "gaze": "two seconds"}
DIGITS = 4  # of a weight and a radian: more would only make the file larger


def learn_in_context(
    audio: Audio,
    motion: Motion,
    *,
    name: str = "learned",
    predictor: Predictor | None = None,
    progress: Callable[[float], None] | None = None,
) -> Learned:
    """The style in which somebody speaks, with the end of the clip as the context of every take.

    Parameters
    ----------
    audio, motion, name, predictor, progress
        As for `learn`.

    Raises
    ------
    StyleError
        As `learn`, and when neither brows nor head nor eyes move.
    """
    context = context_of(motion)
    learned = learn(audio, motion, name=name, predictor=predictor, progress=progress)
    summary = _summary(context)
    about = "\n".join((learned.style.about, summary))
    return Learned(replace(learned.style, context=context, about=about), (*learned.report, summary))


def context_of(motion: Motion, until: float | None = None) -> Motion:
    """The last frames of a clip, as `Style.context` has them.

    Parameters
    ----------
    motion : Motion
        A face. The channels of brows, head and gaze that move in it are used.
    until : float, optional
        Second at which the clip ends, if before the end of the motion.

    Raises
    ------
    StyleError
        When nothing of these moves.
    """
    names = tuple(name for name in SHOWN if name in motion.channels and np.ptp(motion.channel(name)) > MOVES)
    if not names:
        raise StyleError(
            f"Expected a reference in which {', '.join(REGIONS_SHOWN[:-1])} or {REGIONS_SHOWN[-1]} move: a context "
            f"sets how these begin. Got {len(motion.channels)} channels in which they stand still. Learn without it."
        )
    end = motion.end if until is None else min(motion.end, until)
    values = motion.select(names).at(end + np.arange(1 - PAST, 1) / MOTION_FPS)
    lows = np.array([0.0 if name in WEIGHTS else -LARGEST_TURN for name in names])
    highs = np.array([1.0 if name in WEIGHTS else LARGEST_TURN for name in names])
    return context_from(names, values.astype(np.float64).clip(lows, highs).round(DIGITS))


def _summary(context: Motion) -> str:
    """A sentence on what the context does and for how long, and which regions did not move in it."""
    present = [region for region in REGIONS_SHOWN if set(REGIONS[region]) & set(context.channels)]
    stays = {time: [region for region in present if LEAVES[region] == time] for time in dict.fromkeys(LEAVES.values())}
    left = " and ".join(f"{time} ({', '.join(regions)})" for time, regions in stays.items() if regions)
    lacks = [region for region in REGIONS_SHOWN if region not in present]
    still = f" {' and '.join(lacks).capitalize()} did not move there." if lacks else ""
    return (
        f"In context: takes begin as the reference ends, in its last {PAST / MOTION_FPS:g} s, and leave that within "
        f"about {left}; the mouth is not touched.{still}"
    )
