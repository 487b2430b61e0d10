# SPDX-License-Identifier: GPL-3.0-or-later
"""A video of an actor to curves: track, hold the head still, find the resting face, solve, report."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..core.channels import ARKIT, HEAD, LIVE_LINK
from ..core.curves import runs
from ..core.errors import CaptureError
from ..core.motion import Motion
from ..lips.closing import CLOSE
from . import person, solving
from .builtin import marked_builtin_head
from .landmarks import Tracks
from .report import CaptureReport
from .tracking import NUMBERS, Sightings, track

FEWEST = 25  # frames with a face
SHARE = 0.5  # of the frames that must have one
SHORT_GAP = 0.25  # seconds without a face that are interpolated
FADE = 0.2  # seconds in which the mouth comes to rest in a longer gap
UNEVEN = 0.25  # of the usual time between frames: more than this off, and the frame rate varies
FAR_ASIDE = 0.7  # radians
FASTEST = 60.0  # frames per second that are solved; more are thinned
RATES = (24000 / 1001, 24.0, 25.0, 30000 / 1001, 30.0, 48.0, 50.0, 60000 / 1001, 60.0)
TRACKING = 0.95  # share of the work


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
        Told the share that is done, 0 to 1.
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
    tell = progress or (lambda part: None)
    seen = track(path, lambda part: tell(TRACKING * part), start, duration)
    _check(seen, path)
    rate = _rate(seen)
    tracks, times, away = _evenly(seen, rate)
    still = _still(times, neutral)
    values, rest, turned = _solve(tracks, still)
    gaps = _gaps(seen, rate)
    values[:, : len(ARKIT)] *= _presence(times, gaps)[:, None]
    motion = Motion(values, LIVE_LINK, rate, float(times[0]) + 0.5 / rate)
    tell(1.0)
    report = CaptureReport(
        read=len(seen.times),
        found=int(seen.found.sum()),
        bridged=int((~seen.found).sum() - sum(((seen.times >= a) & (seen.times <= b)).sum() for a, b in gaps)),
        gaps=tuple(gaps),
        turned=int((turned & ~away).sum()),
        rested=rest,
        faces=seen.faces,
        uneven=_uneven(seen.times),
        seconds=time.perf_counter() - begun,
    )
    return (motion if fps is None else motion.resample(fps)), report


def _check(seen: Sightings, path: str | Path) -> None:
    """Raise CaptureError where the face is seen too seldom."""
    found, frames = int(seen.found.sum()), len(seen.times)
    if found < FEWEST or found < SHARE * frames:
        wanted = f"in at least {SHARE:.0%} of the frames and in {FEWEST} of them"
        raise CaptureError(
            f"Expected a face {wanted}, found one in {found} of {frames} in '{Path(path).name}'. Use a clip of a "
            "second or more that shows the face from the front, in good light, at a tenth of the picture's height or "
            "more; or choose the part where it does with a start and a duration."
        )


def _uneven(times: np.ndarray) -> bool:
    steps = np.diff(times)
    return bool((np.abs(steps - np.median(steps)) > UNEVEN * np.median(steps)).mean() > 0.02)


def _rate(seen: Sightings) -> float:
    """Frames per second of the result: the video's, exactly where it is a known rate."""
    steps = np.diff(seen.times)
    rate = 1 / float(np.median(steps)) if _uneven(seen.times) else (len(seen.times) - 1) / float(steps.sum())
    near = min(RATES, key=lambda known: abs(known - rate))
    return near if abs(near - rate) < 0.005 * rate else min(rate, FASTEST)


def _evenly(seen: Sightings, fps: float) -> tuple[Tracks, np.ndarray, np.ndarray]:
    """Landmarks at an even rate, what was not seen interpolated; the seconds of them; which were not seen."""
    count = int(np.floor((seen.times[-1] - seen.times[0]) * fps + 0.01)) + 1
    times = seen.times[0] + np.arange(count) / fps
    known = seen.times[seen.found]
    flat = seen.points[seen.found].reshape(len(known), -1)
    points = np.stack([np.interp(times, known, column) for column in flat.T], axis=1).reshape(count, -1, 3)
    return Tracks(points, NUMBERS, fps), times, np.interp(times, seen.times, seen.found) < 0.5


def _still(times: np.ndarray, neutral: tuple[float, float] | None) -> np.ndarray | None:
    """Frames of the resting face, where the caller knows them."""
    if neutral is None:
        return None
    still = (times >= neutral[0] - 1e-6) & (times <= neutral[1] + 1e-6)
    if not still.any():
        raise CaptureError(
            f"Expected the neutral part within the video, from {times[0]:.2f} to {times[-1]:.2f} s, got {neutral[0]:g} "
            f"to {neutral[1]:g}. Give seconds of the video in which the lips are closed."
        )
    return still


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
    values[shut, close] = np.maximum(values[shut, close], CLOSE * values[shut, jaw])  # on other heads, too
    turned = np.abs(values[:, LIVE_LINK.index(HEAD[0])]) > FAR_ASIDE
    return values, int(rest.sum()), turned


def _gaps(seen: Sightings, fps: float) -> list[tuple[float, float]]:
    """First and last second of each longer stretch without a face."""
    stretches = [(float(seen.times[a]), float(seen.times[b - 1])) for a, b in runs(~seen.found)]
    return [(begin, end) for begin, end in stretches if end - begin + 1 / fps > SHORT_GAP]


def _presence(times: np.ndarray, gaps: list[tuple[float, float]]) -> np.ndarray:
    """1 where the face was seen, falling to 0 within longer gaps [shape=(F,)]."""
    presence = np.ones(len(times))
    for begin, end in gaps:
        inside = np.minimum(times - begin, end - times)
        presence *= np.clip(1 - inside / FADE, 0, 1) if end > begin else 1
    return presence
