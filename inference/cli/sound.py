# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that choose a channel or a track of a sound, and the words about a sound that is odd."""

from __future__ import annotations

import argparse

from ..core.audio import Audio
from .progress import say


def add_channel_and_track(command: argparse.ArgumentParser) -> None:
    """Give a command the choice of what is heard of a file with several channels or sound tracks."""
    command.add_argument(
        "--channel", metavar="N", type=_place, help="channel of the sound, from 1 (default: the mean of all)"
    )
    command.add_argument(
        "--track", metavar="N", type=_place, help="sound track of a video file, from 1 (default: the first)"
    )


def noted(options: argparse.Namespace, audio: Audio) -> Audio:
    """The same sound, once its notes were told."""
    for note in audio.notes:
        say(options, note)
    return audio


def _place(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError(f"expected a number from 1, got {text!r}")
    return int(text)
