# SPDX-License-Identifier: GPL-3.0-or-later
"""The errors a user can meet. Every message says what was expected, what came, and what to do."""

from .plain_text import LONGEST, plain


class FacewrightError(Exception):
    """Root of all errors raised on purpose; its text is written for the person who made the call.

    Whatever stands in the names and files that it quotes, it is one line that a terminal or a panel can show.
    """

    def __str__(self) -> str:
        return plain(super().__str__(), LONGEST)


class AudioError(FacewrightError):
    """A sound that cannot be read, or holds nothing to animate."""


class CaptureError(FacewrightError):
    """A video in which no face can be followed, or what is needed for that is not installed."""


class MotionError(FacewrightError):
    """Curves whose shape, names or numbers do not fit together."""


class StyleError(FacewrightError):
    """Numbers that make no style or adjustment, or a recording from which no style can be learned."""


class ModelError(FacewrightError):
    """A model folder or its card is missing, damaged or of another version."""


class DeviceError(FacewrightError):
    """A processor that is not known, or that was asked for and cannot be used."""


class RecipeError(FacewrightError):
    """A recipe that is damaged, or belongs to another sound or model."""


class RigError(FacewrightError):
    """A character or a mapping that cannot be driven."""


class ExportError(FacewrightError):
    """A file that cannot be written, or a format that is not known."""


class BatchError(FacewrightError):
    """A list of shots that makes no sense, a row of it that cannot be made, or a cluster that cannot be reached."""


class WorkerError(FacewrightError):
    """The inference process could not start, has stopped, or sent something that is no message."""
