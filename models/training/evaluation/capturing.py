# SPDX-License-Identifier: GPL-3.0-or-later
"""What capture makes of a video, where it must run in a Python of its own: MediaPipe and the rest want other libraries.

``make .venvs/capture/ready`` makes that Python. Run as a module, this is its side: ``... CLIP OUT.npz [SECONDS]``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from facewright.inference.core.motion import Motion
from facewright.models.training.evaluation.recordings import NotMeasured

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venvs" / "capture" / "bin" / "python"


@dataclass(frozen=True, eq=False)
class Captured:
    """The curves of a video, frames that were read and had a face, and how fast a second, warm, run was.

    ``rate`` is frames per second by the clock, ``processor_rate`` frames per second of processor time, which does not
    depend on what else runs.
    """

    motion: Motion
    read: int
    found: int
    rate: float
    processor_rate: float


@cache
def captured(video: Path, seconds: float | None = None) -> Captured:
    """Capture a video, or its first `seconds` as if there were no more of it.

    Raises
    ------
    NotMeasured
        When there is no Python with MediaPipe.
    """
    python = Path(sys.executable) if find_spec("mediapipe") else PYTHON
    if not python.is_file():
        raise NotMeasured("needs MediaPipe in a Python of its own: `make .venvs/capture/ready`")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "motion.npz"
        command = [python, "-m", "facewright.models.training.evaluation.capturing", video, out]
        command += [] if seconds is None else [str(seconds)]
        done = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True, env={**os.environ})
        if done.returncode:
            raise NotMeasured(f"could not capture {video.name}: {done.stderr[-300:]}")
        with np.load(out) as file:
            motion = Motion(file["values"], tuple(file["channels"].tolist()), float(file["fps"]), float(file["start"]))
            return Captured(
                motion, int(file["read"]), int(file["found"]), float(file["rate"]), float(file["processor_rate"])
            )


def main() -> None:
    """Capture twice, the second time with everything loaded, and write what came of it."""
    from facewright.inference.capture import film

    duration = float(sys.argv[3]) if len(sys.argv) > 3 else None
    film(sys.argv[1], duration=duration)
    begun, worked = time.perf_counter(), time.process_time()
    motion, report = film(sys.argv[1], duration=duration)
    rate = report.read / (time.perf_counter() - begun)
    processor = report.read / (time.process_time() - worked)
    about = {
        "fps": motion.fps,
        "start": motion.start,
        "read": report.read,
        "found": report.found,
        "rate": rate,
        "processor_rate": processor,
    }
    np.savez(sys.argv[2], values=motion.values, channels=np.array(motion.channels), **about)


if __name__ == "__main__":
    main()
