# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers on the command line, each with a sentence for what is none."""

from __future__ import annotations

import argparse
import math
from fractions import Fraction


def rate(text: str) -> float:
    """Frames per second, such as 30 or 24000/1001."""
    try:
        given = float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        given = 0.0
    if not 0 < given <= 1000:
        raise argparse.ArgumentTypeError(f"expected a rate up to 1000 such as 30 or 24000/1001, got {text!r}")
    return given


def seconds(text: str) -> float:
    """Seconds, 0 or more."""
    given = float(text)
    if not (math.isfinite(given) and given >= 0):
        raise argparse.ArgumentTypeError(f"expected seconds, 0 or more, got {text!r}")
    return given
