# SPDX-License-Identifier: GPL-3.0-or-later
"""A video of an actor to curves: track, hold the head still, find the resting face, solve, report."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..core.channels import ARKIT, HEAD, LIVE_LINK
from ..core.motion import Motion
from ..lips.closing import close_for_jaw
from . import person, solving
from .builtin import marked_builtin_head
from .landmarks import Tracks
from .report import CaptureReport
from .timing import check_found, evenly_spaced, frame_rate, is_uneven, long_gaps, presence, resting_frames
from .tracking import track

FAR_ASIDE = 0.7  # radians of yaw from which lips are uncertain
TRACKING = 0.95  # share of the work that is tracking


def capture(
    path: str | Path,
    progress: Callable[[float], None] | None = None,
    *,
    fps: float | None = None,
    start: float = 0.0,
    duration: float | None = None,
    neutral: tuple[float, float] | None = None,
) -> tuple[Motion, CaptureReport]:
    """Curves of the face in a video.

    Parameters
    ----------
    path : str or Path
        MP4, MOV, AVI, MPG, WebM ...; one person, seen from the front.
    progress : callable, optional
        Called with the share that is done, 0 to 1.
    fps : float, optional
        Frames per second of the curves; the video's own by default, 60 at most.
    start, duration : float, optional
        Seconds of the video to leave out, and to use; all by default, an hour at most.
    neutral : (float, float), optional
        First and last second of a part in which the face is at rest: lips closed, looking ahead. By default it is the
        mean of the frames in which the lips are closed and the jaw is up, and head and gaze are relative to their mean.

    Returns
    -------
    Motion
        The 61 Live Link channels; a frame lies in the middle of the time it is shown for. What landmarks do not show
        (``person.UNSEEN``) is zero, or almost.
    CaptureReport
        Frames that were lost, and what else is worth knowing.

    Raises
    ------
    CaptureError
        When MediaPipe is not installed, the file is no video, or the face is found in too few frames.
    """
    begun = time.perf_counter()
    show_progress = progress or (lambda part: None)
    seen = track(path, lambda part: show_progress(TRACKING * part), start, duration)
    check_found(seen, path)
    rate = frame_rate(seen)
    tracks, times, away = evenly_spaced(seen, rate)
    still = resting_frames(times, neutral)
    values, rest, turned = _solve(tracks, still)
    gaps = long_gaps(seen, rate)
    values[:, : len(ARKIT)] *= presence(times, gaps)[:, None]
    motion = Motion(values, LIVE_LINK, rate, float(times[0]) + 0.5 / rate)
    show_progress(1.0)
    report = CaptureReport(
        read=len(seen.times),
        found=int(seen.found.sum()),
        bridged=int((~seen.found).sum() - sum(((seen.times >= a) & (seen.times <= b)).sum() for a, b in gaps)),
        gaps=tuple(gaps),
        turned=int((turned & ~away).sum()),
        rested=rest,
        faces=seen.faces,
        uneven=is_uneven(seen.times),
        seconds=time.perf_counter() - begun,
    )
    return (motion if fps is None else motion.resample(fps)), report


def _solve(tracks: Tracks, still: np.ndarray | None) -> tuple[np.ndarray, int, np.ndarray]:
    """The 61 curves (F, 61), the number of frames of the resting face, and which frames are turned far aside."""
    head = marked_builtin_head()
    aligned, neutrals = person.align_person({"": tracks})
    stable = aligned[""]
    rest = person.rest_frames(stable.face) if still is None else still
    neutral = neutrals[""] if still is None else np.median(stable.face.points[still], axis=0)
    mouth, brow = solving.mouth_problem(head), solving.brow_problem(head)
    values = person.solve_clip(stable, neutral, head, mouth, brow, still)
    shut = person.closed_frames(stable.face, still)
    jaw, close = LIVE_LINK.index("jawOpen"), LIVE_LINK.index("mouthClose")
    values[shut, close] = close_for_jaw(values[shut, close], values[shut, jaw], 1.0)  # on other heads, too
    turned = np.abs(values[:, LIVE_LINK.index(HEAD[0])]) > FAR_ASIDE
    return values, int(rest.sum()), turned
