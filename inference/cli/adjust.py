# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders on the command line: ``--slider jaw=1.2 --emotion joy=0.5 --phone M=1.5 --mask brows=0``."""

from __future__ import annotations

import argparse

from ..adjust.adjustments import Adjustments
from ..adjust.emotions import emotions
from ..adjust.phoneme_gains import GROUPS, SPOKEN
from ..adjust.sliders import sliders
from ..core.errors import StyleError
from ..core.regions import REGIONS


def add_sliders(command: argparse.ArgumentParser) -> None:
    """Give a command the options that adjust a take."""
    ranges = ", ".join(f"{name} {slider.LOW:g} to {slider.HIGH:g}" for name, slider in sliders().items())
    add = command.add_argument
    add("--slider", metavar="NAME=VALUE", type=_level, action="append", default=[], help=f"may be repeated; {ranges}")
    moods = ", ".join(emotions())
    add("--emotion", metavar="NAME=AMOUNT", type=_level, action="append", default=[], help=f"0 to 1: {moods}")
    groups = ", ".join(f"'{name}'" for name in GROUPS)
    add("--phone", metavar="NAME=GAIN", type=_level, action="append", default=[], help=f"0 to 2: a phone, or {groups}")
    parts = ", ".join(REGIONS)
    add("--mask", metavar="REGION=PART", type=_level, action="append", default=[], help=f"0 to 1 of it all in: {parts}")


def sliders_of(options: argparse.Namespace) -> Adjustments | None:
    """The adjustments that were given; None where they change nothing.

    Raises
    ------
    StyleError
        When a name is unknown or a value out of its range.
    """
    phones = {}
    for name, gain in options.phone:
        if name not in GROUPS and name not in SPOKEN:
            raise StyleError(f"Expected a phone such as M, or one of the groups {', '.join(GROUPS)}, got '{name}'.")
        phones |= dict.fromkeys(GROUPS.get(name, (name,)), gain)
    seed = getattr(options, "seed", 0)
    adjustments = Adjustments(dict(options.slider), dict(options.emotion), dict(options.mask), phones, seed)
    return None if adjustments.is_neutral else adjustments


def _level(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name.strip(), float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a name and a number such as jaw=1.2, got {text!r}") from None
