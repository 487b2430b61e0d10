# SPDX-License-Identifier: GPL-3.0-or-later
"""Sounds decoded by another program: Blender, which plays more kinds of files than the libraries beside it.

``FACEWRIGHT_DECODER`` holds its command as a list in JSON; to that are added the path of the sound, and the path of the
WAV file that it is to write. It runs by itself, so that a file on which it stumbles takes nothing with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ..core.errors import AudioError
from . import libsndfile
from .source import Source

VARIABLE = "FACEWRIGHT_DECODER"

_PATIENCE = 600.0  # seconds; hours of film take minutes


def is_named() -> bool:
    """Whether there is such a program."""
    return bool(os.environ.get(VARIABLE))


@contextmanager
def opened(path: Path, start: float, track: int) -> Iterator[Source]:
    """What it plays of a file, from `start` seconds on.

    Raises
    ------
    AudioError
        When it cannot play the file, plays another track than the one that is wanted, or the file ends before `start`.
    """
    if track > 1:
        raise AudioError(
            f"Expected track 1 of '{path.name}', got {track}: Blender plays the first alone. Save the track as WAV."
        )
    with tempfile.TemporaryDirectory(prefix="facewright-") as folder:
        wav = Path(folder) / "sound.wav"
        command = [*json.loads(os.environ[VARIABLE]), str(path.absolute()), str(wav)]
        _run(command)
        if not wav.is_file():
            raise AudioError(
                f"Expected a sound or a film that Blender plays, got '{path.name}', which it does not, or is damaged. "
                "Save its sound as WAV."
            )
        with libsndfile.opened(wav, start) as source:
            if source is None:
                raise AudioError(f"Expected a sound that Blender plays, got '{path.name}'. Save its sound as WAV.")
            yield replace(source, name=path.name)


def _run(command: list[str]) -> None:
    nothing = subprocess.DEVNULL
    try:
        subprocess.run(command, timeout=_PATIENCE, check=False, stdin=nothing, stdout=nothing, stderr=nothing)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise AudioError(f"Expected '{command[0]}' to decode a sound, but: {problem}. Save the sound as WAV.") from None
