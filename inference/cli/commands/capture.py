# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright capture``: the face in a video to curves."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...core.atomic_write import ensure_writable
from ...core.channels import CHANNELS, VISEMES
from ...core.errors import ExportError
from ...formats import SUFFIXES, export, exporter_for
from ..numbers import rate, seconds
from ..progress import progress


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    capture = commands.add_parser(
        "capture",
        help="write the curves of the face in a video to a file (needs MediaPipe)",
        description="Tracks the largest face with MediaPipe Face Mesh and solves the 52 ARKit weights, head and gaze. "
        'Needs MediaPipe: pip install "facewright[capture]" (Python 3.11 or 3.12).',
    )
    capture.set_defaults(run=lambda options: _capture(options, progress(options)))
    capture.add_argument("video", metavar="IN", type=Path, help="MP4, MOV, AVI, MPG, WebM: one person, from the front")
    kinds = ", ".join(SUFFIXES)
    capture.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help=f"the curves: {kinds}")
    capture.add_argument("--start", type=seconds, default=0.0, help="seconds of the video to leave out (default 0)")
    capture.add_argument("--duration", type=seconds, help="seconds of the video to use (default: all, up to an hour)")
    capture.add_argument("--fps", type=rate, help="frames per second of the curves (default: the video's)")
    capture.add_argument(
        "--neutral",
        metavar=("FROM", "TO"),
        nargs=2,
        type=seconds,
        help="seconds of the video with the face at rest: lips closed, looking ahead (default: guessed)",
    )
    capture.add_argument("--quiet", action="store_true", help="no progress and no report, only errors")


def _capture(options: argparse.Namespace, report: Callable[[float, str], None]) -> None:
    from ...capture import capture

    exporter_for(options.output)  # a wrong suffix is an error before the work begins
    if options.output.exists() and options.video.exists() and options.output.samefile(options.video):
        raise ExportError(f"Expected another file than the video itself, got '{options.output}'. Rename the output.")
    ensure_writable(options.output)
    with _without_chatter():
        motion, about = capture(
            options.video,
            lambda part: report(part, "Capturing"),
            fps=options.fps,
            start=options.start,
            duration=options.duration,
            neutral=options.neutral,
        )
    silent = np.zeros((motion.frames, len(VISEMES)), np.float32)  # a face does not show which viseme is spoken
    export(replace(motion, values=np.hstack([motion.values, silent]), channels=CHANNELS), options.output)
    if not options.quiet:
        lines = [f"{motion.frames} frames at {motion.fps:g} fps in {options.output}", *about.sentences()]
        sys.stderr.write(("\r\033[K" if sys.stderr.isatty() else "") + "\n".join(lines) + "\n")


@contextmanager
def _without_chatter() -> Iterator[None]:
    """Hide what MediaPipe's libraries write to the standard error of the process; our own messages still arrive."""
    if sys.stderr is not sys.__stderr__:  # standard error is replaced already, as tests do
        yield
        return
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with os.fdopen(os.dup(2), "w", encoding=sys.stderr.encoding, buffering=1) as ours:
        before, sys.stderr = sys.stderr, ours
        os.dup2(nowhere, 2)
        os.close(nowhere)
        try:
            yield
        finally:
            os.dup2(ours.fileno(), 2)
            sys.stderr = before
