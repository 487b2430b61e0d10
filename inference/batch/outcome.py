# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of a shot, as it is reported and remembered."""

from __future__ import annotations

from typing import Literal

import msgspec
import numpy as np

from ..core.motion import Motion
from ..lips.contacts import OPEN, SHUT, lip_contacts, lip_opening

MADE, KEPT, FAILED = "made", "kept", "failed"
STILL = 0.03  # of jawOpen: a mouth that goes no farther does not speak
MEET = (SHUT + OPEN) / 2  # opening below which lips are seen to meet
_POINTS = 80  # of the curve that a report shows


class Figures(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What can be told of a take without watching it.

    Parameters
    ----------
    length : float
        Seconds of the take.
    jaw : float
        The 95th percentile of jawOpen, in [0, 1].
    closures, shut : int
        How often the lips are to meet on p, b and m, and how often they do.
    coverage : str
        How much of the model a character can show, where one was baked.
    keys : int
        Keys written into a .blend.
    curve : tuple of int
        jawOpen over time, in hundredths.
    """

    length: float = 0.0
    jaw: float = 0.0
    closures: int = 0
    shut: int = 0
    coverage: str = ""
    keys: int = 0
    curve: tuple[int, ...] = ()


class Outcome(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a shot.

    Parameters
    ----------
    row, name
        Of the shot.
    state : {"made", "kept", "failed"}
        "kept" is what was there already, made of the same by the same.
    seconds : float
        That it took.
    why : str
        Why it failed or was kept, as a sentence.
    kind : str
        Class of the error.
    outputs : dict of str to str
        SHA-256 by the name of the file, from the output folder.
    warnings : tuple of str
        Sentences on what to look at.
    figures : Figures
    """

    row: int
    name: str
    state: Literal["made", "kept", "failed"]
    seconds: float = 0.0
    why: str = ""
    kind: str = ""
    outputs: dict[str, str] = {}
    warnings: tuple[str, ...] = ()
    figures: Figures = Figures()


def figures_of(motion: Motion) -> Figures:
    """The figures of a take."""
    jaw, contacts, opening = motion.channel("jawOpen"), lip_contacts(motion), lip_opening(motion)
    at = np.clip(np.round((contacts.moments - motion.start) * motion.fps).astype(int), 0, motion.frames - 1)
    points = np.linspace(0, motion.frames - 1, min(_POINTS, motion.frames)).round().astype(int)
    return Figures(
        length=round(motion.frames / motion.fps, 3),
        jaw=round(float(np.percentile(jaw, 95)), 3),
        closures=len(at),
        shut=int((opening[at] <= MEET).sum()),
        curve=tuple(int(value) for value in (100 * jaw[points]).round()),
    )


def warnings_of(figures: Figures) -> list[str]:
    """Sentences on a take that somebody should look at."""
    found = []
    if figures.jaw < STILL:
        found.append("The mouth hardly moves: is there speech in this sound?")
    if figures.shut < figures.closures:
        found.append(f"Lips meet on {figures.shut} of {figures.closures} p, b and m.")
    return found
