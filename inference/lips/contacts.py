# SPDX-License-Identifier: GPL-3.0-or-later
"""Lip contacts: when lips meet in a motion, and how far they are to be shut on each of its frames.

Lips that should touch and almost do are what viewers forgive least. Contacts are where viseme PP says p, b or m; in a
motion without visemes, where a mouth that was open comes to a close. Preview, bake, thinning of keys, drawings and
films all ask `lip_contacts` of the motion that they show.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..core.channels import MOUTH, VISEMES
from ..core.curves import runs, smoothstep
from ..core.motion import Motion
from .closing import BILABIAL_VISEME, HALF_SHUT, closing, holding

SHUT, OPEN = 0.03, 0.10  # opening below which lips meet, and above which the mouth was open before and after
LOST = 0.01  # opening that frames may add to a closure between them
GAP: tuple[str, ...] = (
    "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "mouthPressLeft", "mouthPressRight", "viseme_PP",
)  # fmt: skip
_EASE = 0.04  # s before and after a closure of a motion without visemes


@dataclass(frozen=True, eq=False)
class LipContacts:
    """When lips meet in a motion, and how far they are shut on each of its frames.

    Parameters
    ----------
    moments : ndarray [shape=(E,), float64]
        Seconds at which the lips are closest, one for each contact.
    begins, ends : ndarray [shape=(E,), float64]
        Seconds of its first and last frame.
    strength : ndarray [shape=(F,), float32]
        How far the lips are to be shut, in [0, 1].
    hold : ndarray [shape=(F,), float32]
        How far no edit may part them, in [0, 1]: it rises before `strength` and falls after it. With one curve for
        both, sliders would open the beginnings and ends of contacts (docs/evaluation/evaluation.md, Lips in one place).
    """

    moments: np.ndarray
    begins: np.ndarray
    ends: np.ndarray
    strength: np.ndarray
    hold: np.ndarray

    def cover(self, times: np.ndarray, margin: float) -> np.ndarray:
        """Which of these seconds [shape=(n,)] lie in a contact, or within `margin` seconds of one."""
        edges = np.searchsorted(np.sort(self.begins - margin), times, side="right")
        return edges > np.searchsorted(np.sort(self.ends + margin), times, side="left")


@lru_cache(maxsize=8)  # a preview asks at every frame, of each character's motion
def lip_contacts(motion: Motion) -> LipContacts:
    """The contacts of a motion: where its lips meet on p, b and m."""
    opening = lip_opening(motion)
    if BILABIAL_VISEME in motion.channels:
        bilabial = motion.channel(BILABIAL_VISEME)
        meetings = runs(bilabial >= HALF_SHUT)
        strength, hold = closing(bilabial), holding(bilabial)
    else:
        meetings = _closes(opening, motion.fps)
        strength = hold = _around(meetings, motion.frames, motion.fps)
    moments = [begin + int(np.argmin(opening[begin:end])) for begin, end in meetings]
    times = motion.times
    seconds = (times[np.array(moments, np.intp)], times[meetings[:, 0]], times[meetings[:, 1] - 1])
    return LipContacts(*seconds, _fixed(strength), _fixed(hold))


def _closes(opening: np.ndarray, fps: float) -> np.ndarray:
    """First frame of each closure and the one after its last [shape=(E, 2)]; shut for over a second, a mouth rests."""
    reach, shut = max(round(0.2 * fps), 1), runs(opening <= SHUT)
    around = [(opening[max(b - reach, 0) : b], opening[e : e + reach]) for b, e in shut]
    opens = np.array([min(side.max(initial=0.0) for side in sides) >= OPEN for sides in around], bool)
    return shut[opens & (shut[:, 1] - shut[:, 0] <= fps)]


def _around(meetings: np.ndarray, frames: int, fps: float) -> np.ndarray:
    """1 on the frames of closures, eased around them [shape=(F,)]."""
    away, rows = np.full(frames, np.inf), np.arange(frames)
    for begin, end in meetings:
        away = np.minimum(away, np.maximum(np.maximum(begin - rows, rows - (end - 1)), 0))
    return smoothstep(1 - away / (fps * _EASE))


def _fixed(curve: np.ndarray) -> np.ndarray:
    """The curve as read-only float32: contacts are cached and shared."""
    curve = curve.astype(np.float32)
    curve.flags.writeable = False
    return curve


def shut_on_frames(motion: Motion, seconds: np.ndarray, step: float) -> np.ndarray:
    """Values of a motion on frames, with lips on them as shut as they get between two frames.

    Lips meet for a few hundredths of a second, and at 24 frames per second both frames around may miss it. Then the
    mouth is on the nearer one as it is at that moment, at most half a frame away.

    Parameters
    ----------
    motion : Motion
        The whole take.
    seconds : ndarray [shape=(F,)]
        Times of any frames of a regular grid.
    step : float
        Seconds from one frame of the grid to the next.

    Returns
    -------
    ndarray [shape=(F, C), float32]
    """
    seconds = np.asarray(seconds, np.float64)
    values = motion.at(seconds)
    if len(seconds) == 0:
        return values
    offset = round(float(seconds[0] % step), 7) % step
    frames, shut, columns = _shut_between(motion, step, offset)
    spots = np.rint((seconds - offset) / step).astype(np.int64)
    nearest = np.clip(np.searchsorted(frames, spots), 0, max(len(frames) - 1, 0))
    rows = np.flatnonzero(frames[nearest] == spots) if len(frames) else np.zeros(0, np.intp)
    values[np.ix_(rows, columns)] = shut[nearest[rows]]
    return values


@lru_cache(maxsize=4)  # a preview asks at every frame
def _shut_between(motion: Motion, step: float, offset: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Frames that are to show a closure that falls between frames, and the mouths they show.

    Returns
    -------
    frames : ndarray [shape=(E,), int64]
        Numbers on the grid, ascending.
    mouths : ndarray [shape=(E, M), float32]
        Values of the mouth's channels.
    columns : ndarray [shape=(M,), intp]
        Which channels of the motion these are.
    """
    columns = np.flatnonzero([name in MOUTH or name in VISEMES for name in motion.channels])
    moments = lip_contacts(motion).moments
    at = (moments - offset) / step
    nearest = np.rint(at)
    other = np.where(at < nearest, nearest - 1, nearest + 1)
    closest, *around = (
        lip_opening(replace(motion, values=motion.at(times))) if len(at) else at
        for times in (moments, nearest * step + offset, other * step + offset)
    )
    lost = np.minimum(*around) > closest + LOST
    frames, which = np.unique(nearest[lost].astype(np.int64), return_index=True)
    return frames, motion.at(moments[lost][which])[:, columns], columns


def lip_opening(motion: Motion) -> np.ndarray:
    """How far lips are apart, roughly, in units of jawOpen [shape=(F,)]."""
    parts = {"jawOpen": 1.0, "mouthClose": -1.0}
    parts |= {f"mouth{way}{side}": 0.15 for way in ("LowerDown", "UpperUp") for side in ("Left", "Right")}
    have = [name for name in parts if name in motion.channels]
    return motion.select(have).values @ np.array([parts[name] for name in have], np.float32)
