# SPDX-License-Identifier: GPL-3.0-or-later
"""The face in a video as landmarks, by MediaPipe Face Mesh with its attention model for lips, lids and iris.

Grishchenko et al., "Attention Mesh: High-fidelity Face Mesh Prediction in Real-time" (2020),
https://arxiv.org/abs/2006.10962. MediaPipe is an optional dependency; its wheel carries the networks up to 0.10.21.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import CaptureError
from .landmarks import (
    BROWS,
    CHIN,
    CORNERS_LEFT,
    CORNERS_RIGHT,
    IRIS_LEFT,
    IRIS_RIGHT,
    LIDS_LEFT,
    LIDS_RIGHT,
    LIPS,
    NOSE,
    STABLE,
)
from .video import HOW, LONGEST, Video

NUMBERS: tuple[int, ...] = tuple(
    sorted({
        *STABLE, *LIPS, *CHIN, *NOSE, *BROWS, *CORNERS_RIGHT, *CORNERS_LEFT, IRIS_RIGHT, IRIS_LEFT,
        *(number for pair in LIDS_RIGHT + LIDS_LEFT for number in pair),
    })
)  # fmt: skip
MOST_FACES = 3  # tracked at once; the largest is followed
LOYALTY = 1.5  # another face is followed instead only when it is this many times as large
LOOK_ROUND = 0.2  # seconds between searches for further faces, while only one was found


@dataclass(frozen=True, eq=False)
class Sightings:
    """The face that was tracked in each frame of a video.

    Parameters
    ----------
    times : ndarray [shape=(F,)]
        Seconds at which the frames are shown.
    points : ndarray [shape=(F, len(NUMBERS), 3), float32]
        Pixels, x right, y down, z away from the camera; NaN where no face was found.
    faces : int
        Most faces that were seen in one frame.
    fps : float
        Frames per second that the file states; 0 where it states none.
    """

    times: np.ndarray
    points: np.ndarray
    faces: int
    fps: float

    @property
    def found(self) -> np.ndarray:
        """Which frames have a face [shape=(F,), bool]."""
        return np.isfinite(self.points[:, 0, 0])


def track(
    path: str | Path,
    progress: Callable[[float], None] | None = None,
    start: float = 0.0,
    duration: float | None = None,
) -> Sightings:
    """Follow the largest face through a video.

    Parameters
    ----------
    path : str or Path
        The video file.
    progress : callable, optional
        Called with the share that is done, 0 to 1.
    start, duration : float, optional
        Seconds to leave out, and seconds to use; all by default.

    Raises
    ------
    CaptureError
        When MediaPipe is missing, or the file is no video, or longer than an hour.
    """
    solutions = _mediapipe()
    video = Video(path)
    end = min(video.stated_seconds or np.inf, start + (np.inf if duration is None else duration))
    if np.isfinite(end) and end - start > LONGEST:
        raise CaptureError(
            f"Expected at most {LONGEST / 60:.0f} minutes of video at once, got {(end - start) / 60:.0f}. "
            "Capture it in parts: give a start and a duration."
        )
    times, points, faces, last = [], [], 0, None
    nothing = np.full((len(NUMBERS), 3), np.nan, np.float32)
    try:
        with _Faces(solutions) as faces_in:
            for seconds, picture in video.frames(start, start + min(duration or LONGEST, LONGEST)):
                seen = faces_in(picture, seconds)
                faces = max(faces, len(seen))
                last = followed(seen, last) if seen else last
                times.append(seconds)
                points.append(last if seen and last is not None else nothing)
                if progress is not None and np.isfinite(end) and end > start:
                    progress(min((seconds - start) / (end - start), 1.0))
    finally:
        video.close()
    if not times:
        raise CaptureError(
            f"Expected frames from {start:g} s on in '{video.path.name}', got none. Give an earlier start, or export "
            "the video again, as MP4 with H.264."
        )
    return Sightings(np.array(times), np.stack(points), faces, video.fps)


class _Faces:
    """The faces in successive pictures.

    A mesh that may track several faces searches for more in every frame, which costs half as much again as tracking
    one. So one face is tracked, with a search every `LOOK_ROUND` seconds; once more are found, up to `MOST_FACES` are
    tracked in every frame.
    """

    def __init__(self, solutions: Any) -> None:
        self._mesh_of = solutions.face_mesh.FaceMesh
        self._scout = solutions.face_detection.FaceDetection(model_selection=0)  # the mesh's own detector
        self._mesh = self._mesh_of(max_num_faces=1, refine_landmarks=True)
        self._next_look = -np.inf  # seconds; infinity once there are several

    def __enter__(self) -> _Faces:
        return self

    def __exit__(self, *_: object) -> None:
        self._scout.close()
        self._mesh.close()

    def __call__(self, picture: np.ndarray, seconds: float) -> list[np.ndarray]:
        """Landmarks of each face in the picture shown at so many seconds [shape=(len(NUMBERS), 3), float32], pixels."""
        if seconds >= self._next_look:
            self._next_look = seconds + LOOK_ROUND
            if len(self._scout.process(picture).detections or ()) > 1:
                self._next_look = np.inf
                self._mesh.close()
                self._mesh = self._mesh_of(max_num_faces=MOST_FACES, refine_landmarks=True)
        return [_points(face, picture) for face in self._mesh.process(picture).multi_face_landmarks or ()]


def _points(face: Any, picture: np.ndarray) -> np.ndarray:
    """Landmarks of one face in pixels [shape=(len(NUMBERS), 3), float32]."""
    height, width = picture.shape[:2]
    marks = face.landmark
    wanted = [marks[number] for number in NUMBERS]
    return np.array([(m.x * width, m.y * height, m.z * width) for m in wanted], np.float32)


def _size(points: np.ndarray) -> float:
    return float(np.ptp(points[:, :2], axis=0).max())


def followed(seen: list[np.ndarray], last: np.ndarray | None) -> np.ndarray:
    """The face to follow: the same as in the last frame, or the largest where that is gone or much smaller."""
    largest = max(seen, key=_size)
    if last is None:
        return largest
    away = [float(np.linalg.norm((face - last)[:, :2].mean(axis=0))) for face in seen]
    same = int(np.argmin(away))
    if away[same] < _size(last) / 2 and LOYALTY * _size(seen[same]) > _size(largest):
        return seen[same]
    return largest


def _mediapipe() -> Any:
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import mediapipe  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise CaptureError(f"Expected MediaPipe, which finds the face. {HOW} (Python 3.11 or 3.12).") from error
    if not hasattr(mediapipe, "solutions"):
        raise CaptureError(
            f"Expected MediaPipe 0.10.21, whose package brings the face model, got {mediapipe.__version__}, which does "
            "not. Install it: `pip install mediapipe==0.10.21` (Python 3.11 or 3.12)."
        )
    return mediapipe.solutions
