# SPDX-License-Identifier: GPL-3.0-or-later
"""What recipes are made of: a sound, and takes that come right from the model or are made of other takes."""

from __future__ import annotations

from dataclasses import dataclass

from ..styles.style import Style


@dataclass(frozen=True)
class Sound:
    """The sound of a take.

    Parameters
    ----------
    name : str
        Of its file, without folder; for people.
    sha256 : str
        Of its samples as `inference.core.audio.Audio` has them: 16 kHz, mono, float32 in little-endian order.
    start : float
        Seconds of the file that come before it.
    duration : float or None
        Seconds that were asked for; None for all that follows.
    """

    name: str
    sha256: str
    start: float = 0.0
    duration: float | None = None


@dataclass(frozen=True, eq=False)
class Generated:
    """A take right from the model.

    Parameters
    ----------
    model, model_sha256 : str
        Name and version of the model, and the SHA-256 that `model_sha256` gives.
    seed : int
        In [0, 2**31).
    steps : int
        1, 2 or 4.
    style : Style or None
        None for neutral.
    provider : str
        "CPU" or "CUDA": the same bits come only from the same one.
    package : str
        Version of facewright.
    """

    model: str
    model_sha256: str
    seed: int
    steps: int
    style: Style | None
    provider: str
    package: str


@dataclass(frozen=True)
class Mixed:
    """One take with something of another one; see `compose.mix`.

    Parameters
    ----------
    base, other : Generated or Mixed
        The takes.
    regions : tuple of str
        What of the face is from the other one; empty for all of it.
    span : tuple of float or None
        Seconds of the sound at which the other one begins and ends, and over which they are blended; None for always.
    """

    base: How
    other: How
    regions: tuple[str, ...] = ()
    span: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Punched:
    """A take of which the frames from `first` up to `last` were made again; see `punching.punched`."""

    base: How
    new: Generated
    first: int
    last: int


How = Generated | Mixed | Punched
