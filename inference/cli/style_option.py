# SPDX-License-Identifier: GPL-3.0-or-later
"""``--style``: how a take is articulated."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..styles.file import SUFFIX
from ..styles.style import Style

if TYPE_CHECKING:
    from ..policy.predictor import Predictor

STYLE = f"a preset, a style of your library, or a {SUFFIX} file"


def add_style(command: argparse.ArgumentParser) -> None:
    """Give a command the option that chooses a style."""
    command.add_argument(
        "--style",
        metavar="STYLE",
        help=f"{STYLE}; or a recording of a voice, to articulate as it suggests (default: neutral)",
    )


def style_of(options: argparse.Namespace, predictor: Predictor) -> Style | None:
    """The style of the options; None where none was given. Raises as `chosen_style`."""
    if options.style is None:
        return None
    from ..takes.chosen_style import chosen_style

    return chosen_style(options.style, predictor)
