# SPDX-License-Identifier: GPL-3.0-or-later
"""The style that somebody named: a preset, one of the library, a file, or the recording of a voice."""

from __future__ import annotations

from pathlib import Path

from ..audio.decode import load_audio
from ..core.errors import StyleError
from ..policy.predictor import Predictor
from ..styles.file import SUFFIX, read
from ..styles.library import Library, user_folder
from ..styles.style import Style


def known_style(named: str) -> Style | None:
    """A style of the library or of a file; None where it is neither.

    Raises
    ------
    StyleError
        When its file is not there or damaged.
    """
    path = Path(named)
    if path.suffix.lower() == SUFFIX:
        return read(path)
    library = Library(user_folder())
    return library.get(named) if named in library.names else None


def chosen_style(named: str, predictor: Predictor) -> Style:
    """The style that is meant, of a voice the one that its recording suggests.

    Raises
    ------
    FacewrightError
        When there is no such style, or its file or voice cannot be used.
    """
    if (found := known_style(named)) is not None:
        return found
    path = Path(named)
    if not path.suffix:
        names = ", ".join(Library(user_folder()).names)
        raise StyleError(
            f"Expected one of the styles {names}, a {SUFFIX} file or the sound of a voice, got '{named}'. "
            "Run: facewright style list"
        )
    return Style(path.stem[:80], predictor.slots_of(load_audio(path)))
