# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a video file and the seconds at which they are shown, upright.

OpenCV reads it, which MediaPipe brings along; phones' rotation marks are obeyed. Seconds are the container's own time
stamps, counted from its first frame, so that a frame rate that varies does no harm.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import CaptureError

LONGEST = 3600.0  # seconds at once
HOW = 'It comes with facewright: `pip install "facewright[capture]"`, or by itself: `pip install mediapipe==0.10.21`'


class Video:
    """An open video file.

    Parameters
    ----------
    path : str or Path
        The file.

    Raises
    ------
    CaptureError
        When the file is not there, or OpenCV is not, or the file holds no pictures that it can read.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self.path.is_file():
            what = "is a folder" if self.path.is_dir() else "is not there"
            raise CaptureError(f"Expected a video file, but '{path}' {what}. Check the name.")
        os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
        try:
            import cv2  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise CaptureError(
                f"Expected OpenCV, which reads the video and comes with MediaPipe. {HOW} (Python 3.11 or 3.12)."
            ) from error
        self._cv2 = cv2
        self._capture: Any = cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise CaptureError(
                f"Expected a video file such as MP4 or MOV, but '{self.path.name}' has no pictures that can be "
                "read: it is a sound, is damaged or is another kind of file. Export it again, as MP4 with H.264."
            )

        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 1)

    @property
    def fps(self) -> float:
        """Frames per second that the file states; 0 where it states none."""
        return float(self._capture.get(self._cv2.CAP_PROP_FPS)) or 0.0

    @property
    def stated_seconds(self) -> float:
        """Length that the file states, seconds; 0 where it states none."""
        count = float(self._capture.get(self._cv2.CAP_PROP_FRAME_COUNT))
        return count / self.fps if self.fps > 0 and count > 0 else 0.0

    def frames(self, start: float, end: float) -> Iterator[tuple[float, np.ndarray]]:
        """Seconds and picture [shape=(height, width, 3), uint8 RGB] of every frame from `start` to before `end`."""
        cv2, capture = self._cv2, self._capture
        last = -1.0
        number = 0
        while capture.grab():
            seconds = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if seconds <= last:  # a file without time stamps
                seconds = number / self.fps if self.fps > 0 and number / self.fps > last else last + 1 / 30
            number, last = number + 1, seconds
            if seconds >= end:
                return
            if seconds < start - 1e-6:
                continue
            found, picture = capture.retrieve()
            if found and picture is not None:
                yield seconds, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)

    def close(self) -> None:
        """Close the file."""
        self._capture.release()
