# SPDX-License-Identifier: GPL-3.0-or-later
"""A take of a long sound, finished part by part while it is drawn: memory does not grow with the sound.

Each part is finished with some seconds around it, farther than any rule looks, so that it comes out as it would in one
piece; what goes on from frame to frame (`layers`, streamed) is carried along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ..core.channels import CHANNELS, PHONES
from ..core.motion import Motion
from ..core.phonemes import Phonemes
from ..core.spool import Spool
from ..core.timing import MOTION_FPS
from ..layers import POINTWISE, WHOLE, apply_layers, stream_layers
from ..layers.breath import SILENT, first_phrase
from ..lips.constraint import constrain
from ..lips.contacts import lip_contacts
from ..policy.assembler import Frames
from ..policy.encoding import Encoding
from ..policy.predictor import Predictor, drawn
from ..styles.apply import model_context
from ..styles.style import Style, neutral
from . import stages

LONG = 45_000  # frames, fifteen minutes: shorter takes are finished in one piece
PART, AROUND = 3000, 250  # frames that are finished at once, and those around them
ENDLESS = 30_000  # frames; a first phrase that goes on for ten minutes is taken to be over

_SILENCE = CHANNELS.index("viseme_sil")


def take_in_parts(
    predictor: Predictor,
    encoding: Encoding,
    seed: int,
    *,
    style: Style | None = None,
    steps: int | None = None,
    variation: float | None = None,
    fps: float = 60.0,
    progress: Callable[[float], None] | None = None,
) -> Motion:
    """A take without pins and sliders; arguments as for `animate`. Its values may lie in a temporary file."""
    style = style or neutral()
    context = model_context(style)
    given = context if predictor.card.live else None  # the other kind of model begins in it by rule
    assembler = predictor.begin_take(seed, steps, context=given, variation=variation)
    begin = None if context is None or given is not None else context
    held, states, spoken = _Window(len(CHANNELS)), {}, False
    made = Spool(len(CHANNELS))
    for part in _styled(drawn(encoding, assembler, progress), encoding, style, begin):
        part, states = stream_layers(part, states, style)
        held.append(part.values)
        phrase = None if spoken else first_phrase(held.rows[:, _SILENCE] < SILENT, MOTION_FPS)
        last = held.end == encoding.frames
        if phrase is not None and phrase.stop > len(held.rows) - AROUND and len(held.rows) < ENDLESS and not last:
            continue  # lips part before the first phrase, as far as all of it says
        kinds = (POINTWISE,) if phrase is None else (WHOLE, POINTWISE)
        motion = apply_layers(held.motion(CHANNELS), seed, style=style, kinds=kinds)
        motion = constrain(motion, lip_contacts(motion))
        done = held.finish(encoding.frames)
        made.append(_at(motion, done, encoding.frames, fps))
        spoken = spoken or phrase is not None
    return Motion(made.array(), CHANNELS, fps)


class _Window:
    """Frames that are to be finished, and those before them that they are finished with."""

    def __init__(self, columns: int) -> None:
        self.rows = np.zeros((0, columns), np.float32)
        self.first, self.done = 0, 0  # number of the first frame here, and of the first that is not finished

    @property
    def end(self) -> int:
        """Number of the frame after the last one."""
        return self.first + len(self.rows)

    def append(self, rows: np.ndarray) -> None:
        """Take in the next frames."""
        self.rows = np.concatenate([self.rows, rows])

    def motion(self, channels: tuple[str, ...]) -> Motion:
        """All that is here."""
        return Motion(self.rows, channels, MOTION_FPS, self.first / MOTION_FPS)

    def finish(self, whole: int) -> slice:
        """Let go of what is done with, in a sound of `whole` frames; numbers of the frames that are finished by now."""
        done = slice(self.done, self.end if self.end == whole else self.end - AROUND)
        kept = max(done.stop - AROUND, 0)
        self.rows, self.first, self.done = self.rows[kept - self.first :], kept, done.stop
        return done


def _styled(parts: Iterator[Frames], encoding: Encoding, style: Style, context: Motion | None) -> Iterator[Motion]:
    """The take as it is drawn, with effort and beats, begun in a context and in its style."""
    frames, posteriors, said = _Window(len(CHANNELS)), _Window(len(PHONES)), encoding.prosody
    for rows, phones in parts:
        frames.append(rows)
        posteriors.append(phones)
        if frames.end - AROUND - frames.done < PART and frames.end < encoding.frames:
            continue
        here = said[frames.first : frames.end]
        moved = stages.voiced(frames.motion(CHANNELS), here, context if frames.first == 0 else None)
        heard = Phonemes(posteriors.rows, MOTION_FPS, moved.start)
        styled, first = stages.spoken(moved, heard, style).values, frames.first
        done = frames.finish(encoding.frames)
        posteriors.finish(encoding.frames)
        yield Motion(styled[done.start - first : done.stop - first], CHANNELS, MOTION_FPS, done.start / MOTION_FPS)


def _at(motion: Motion, done: slice, whole: int, fps: float) -> np.ndarray:
    """The values of some frames of a part at another rate, as `Motion.resample` has them of all the `whole` frames."""
    count = int(np.floor((whole - 1) * fps / MOTION_FPS + 1e-6)) + 1
    begin, stop = (int(np.ceil(frame * fps / MOTION_FPS - 1e-6)) for frame in (done.start, done.stop))
    return motion.at(np.arange(begin, count if done.stop == whole else min(stop, count)) / fps)
