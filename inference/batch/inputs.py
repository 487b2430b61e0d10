# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a shot is made from, as one number: where it is the same, so is what is made."""

from __future__ import annotations

import hashlib
from pathlib import Path

import msgspec

from ..core.errors import AudioError, BatchError
from ..policy.card import ModelCard
from ..styles.file import to_json
from ..takes.chosen_style import known_style
from ..takes.recipe import model_sha256, package_version
from .record import sha256
from .shot import Shot

_ONLY_TOLD = {"row": 0, "timecode": ""}  # what changes nothing that is made


def ensure_there(shot: Shot) -> None:
    """Raise a FacewrightError when a file that a shot needs is not there, or its style is not known."""
    needed = {"the sound": shot.sound, "the transcript": shot.transcript, "the .blend": shot.blend}
    for what, path in needed.items():
        if path is not None and not Path(path).is_file():
            error = AudioError if path == shot.sound else BatchError
            raise error(f"Expected {what}, but there is none at '{path}'. Check the folder and the spelling.")
    if shot.style is not None and known_style(shot.style) is None and not Path(shot.style).is_file():
        raise BatchError(
            f"Expected a preset, a style of the library, a file or a voice as 'style', got '{shot.style}'. "
            "Run: facewright style list"
        )


def inputs_sha256(shot: Shot, card: ModelCard) -> str:
    """SHA-256 over the wishes of a shot, the files that it names, the model, and this version of facewright."""
    files = [shot.sound, shot.transcript, shot.blend]
    style = None if shot.style is None else known_style(shot.style)
    if shot.style is not None and style is None:
        files.append(shot.style)  # a voice
    wishes = msgspec.to_builtins(shot) | _ONLY_TOLD | {"style": None}
    if shot.blend is None:  # a .blend says where its sound lies; curves have the name alone
        wishes["sound"] = Path(shot.sound).name
    parts = [
        wishes,
        [None if path is None else sha256(Path(path)) for path in files],
        None if style is None else to_json(style),
        model_sha256(card),
        package_version(),
    ]
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()
