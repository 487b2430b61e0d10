# SPDX-License-Identifier: GPL-3.0-or-later
"""Time in a video: frame rates that vary, frames without a face, and the part in which the face is at rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..core.curves import runs
from ..core.errors import CaptureError
from .landmarks import Tracks
from .tracking import NUMBERS, Sightings

FEWEST = 25  # frames with a face
SHARE = 0.5  # of the frames that must have a face
SHORT_GAP = 0.25  # seconds; gaps without a face up to this long are interpolated
FADE = 0.2  # seconds; in longer gaps the mouth comes to rest in this time
UNEVEN = 0.25  # a step between frames is uneven when it is off by more than this share of the usual step
FASTEST = 60.0  # frames per second that are solved; more are thinned
RATES = (24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 48.0, 50.0, 60000 / 1001, 60.0)


def check_found(seen: Sightings, path: str | Path) -> None:
    """Raise the CaptureError of a video in which the face is seen too seldom.

    Parameters
    ----------
    seen : Sightings
        The tracked video.
    path : str or Path
        The video, for its name in the message.

    Raises
    ------
    CaptureError
        When fewer than `FEWEST` frames, or less than `SHARE` of them, show a face.
    """
    found, frames = int(seen.found.sum()), len(seen.times)
    if found < FEWEST or found < SHARE * frames:
        wanted = f"in at least {SHARE:.0%} of the frames and in {FEWEST} of them"
        raise CaptureError(
            f"Expected a face {wanted}, found one in {found} of {frames} in '{Path(path).name}'. Use a clip of a "
            "second or more that shows the face from the front, in good light, at a tenth of the picture's height or "
            "more; or choose the part where it does with a start and a duration."
        )


def is_uneven(times: np.ndarray) -> bool:
    """Whether more than 2 % of the steps between frames [shape=(F,), seconds] are not the usual one."""
    steps = np.diff(times)
    return bool((np.abs(steps - np.median(steps)) > UNEVEN * np.median(steps)).mean() > 0.02)


def frame_rate(seen: Sightings) -> float:
    """Frames per second of the result: the video's, exactly where it is a known rate; `FASTEST` at most."""
    steps = np.diff(seen.times)
    rate = 1 / float(np.median(steps)) if is_uneven(seen.times) else (len(seen.times) - 1) / float(steps.sum())
    near = min(RATES, key=lambda known: abs(known - rate))
    return near if abs(near - rate) < 0.005 * rate else min(rate, FASTEST)


def evenly_spaced(seen: Sightings, fps: float) -> tuple[Tracks, np.ndarray, np.ndarray]:
    """Landmarks at an even frame rate.

    Returns
    -------
    Tracks
        `fps` frames per second; what was not seen is interpolated.
    ndarray [shape=(F,)]
        Seconds of these frames.
    ndarray [shape=(F,), bool]
        Which of them were not seen.
    """
    count = int(np.floor((seen.times[-1] - seen.times[0]) * fps + 0.01)) + 1
    times = seen.times[0] + np.arange(count) / fps
    known = seen.times[seen.found]
    flat = seen.points[seen.found].reshape(len(known), -1)
    points = np.stack([np.interp(times, known, column) for column in flat.T], axis=1).reshape(count, -1, 3)
    return Tracks(points, NUMBERS, fps), times, np.interp(times, seen.times, seen.found) < 0.5


def resting_frames(times: np.ndarray, neutral: tuple[float, float] | None) -> np.ndarray | None:
    """Frames of the resting face, where the caller knows them.

    Parameters
    ----------
    times : ndarray [shape=(F,)]
        Seconds of the frames.
    neutral : (float, float) or None
        First and last second in which the face rests.

    Returns
    -------
    ndarray [shape=(F,), bool] or None

    Raises
    ------
    CaptureError
        When no frame lies within.
    """
    if neutral is None:
        return None
    still = (times >= neutral[0] - 1e-6) & (times <= neutral[1] + 1e-6)
    if not still.any():
        raise CaptureError(
            f"Expected the neutral part within the video, from {times[0]:.2f} to {times[-1]:.2f} s, got {neutral[0]:g} "
            f"to {neutral[1]:g}. Give seconds of the video in which the lips are closed."
        )
    return still


def long_gaps(seen: Sightings, fps: float) -> list[tuple[float, float]]:
    """First and last second of each stretch without a face that is longer than `SHORT_GAP`."""
    stretches = [(float(seen.times[a]), float(seen.times[b - 1])) for a, b in runs(~seen.found)]
    return [(begin, end) for begin, end in stretches if end - begin + 1 / fps > SHORT_GAP]


def presence(times: np.ndarray, gaps: list[tuple[float, float]]) -> np.ndarray:
    """1 where the face was seen, falling to 0 within `FADE` seconds in longer gaps [shape=(F,)]."""
    shares = np.ones(len(times))
    for begin, end in gaps:
        inside = np.minimum(times - begin, end - times)
        shares *= np.clip(1 - inside / FADE, 0, 1) if end > begin else 1
    return shares
