# SPDX-License-Identifier: GPL-3.0-or-later
"""A take on the command line: the options that decide on it, and how it is made from them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from ..core.atomic_write import ensure_writable
from ..core.clip import Clip
from ..core.errors import ExportError
from ..core.motion import Motion
from ..takes.recipe import Recipe
from .adjust import add_sliders, sliders_of
from .device import add_device, predictor_of
from .numbers import seconds
from .progress import say
from .replay import add_replay, made_again, recipe_from
from .sound import add_channel_and_track, noted
from .style_option import add_style, style_of

_FPS = 60.0


def add_take(command: argparse.ArgumentParser, output: str) -> None:
    """Give a command the sound, the output, and all that decides on a take."""
    command.add_argument("sound", metavar="IN", type=Path, help="WAV, FLAC, OGG, Opus, MP3, AIFF; with PyAV also video")
    command.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help=output)
    command.add_argument("--start", type=seconds, default=0.0, help="seconds of the sound to leave out (default 0)")
    command.add_argument("--duration", type=seconds, help="seconds of the sound to use (default: all)")
    add_channel_and_track(command)
    command.add_argument("--seed", type=int, default=0, help="the same number gives the same take again (default 0)")
    add_style(command)
    command.add_argument(
        "--steps",
        type=int,
        choices=(1, 2, 4),
        help="steps of sampling for each chunk (default: the model's own number)",
    )
    command.add_argument(
        "--variation",
        type=float,
        help="how much jaw and lips of takes with other seeds differ, 0 to 1 (default: the model's own, a little)",
    )
    add_sliders(command)
    add_replay(command)
    command.add_argument("--quiet", action="store_true", help="no progress, only errors")
    add_device(command)


def take_of(
    options: argparse.Namespace, fps: float | None, report: Callable[[float, str], None]
) -> tuple[Motion, Recipe | None]:
    """The motion of the sound and its recipe, made only after checking that the output can be written."""
    from ..audio.decode import load_clip
    from ..takes.generate import generate

    if options.output.exists() and options.sound.exists() and options.output.samefile(options.sound):
        raise ExportError(f"Expected another file than the sound itself, got '{options.output}'. Rename the output.")
    ensure_writable(options.output)
    given_recipe, adjustments = recipe_from(options), sliders_of(options)
    if given_recipe is not None:
        motion, recipe, doubts = made_again(options, given_recipe, fps, report)
        for text in doubts:
            say(options, text)
        return motion, recipe
    report(0.0, "Reading")
    clip = Clip(str(options.sound), options.start, options.duration, options.channel, options.track)
    audio, predictor = noted(options, load_clip(clip)), predictor_of(options)
    style = style_of(options, predictor)
    (take,) = generate(
        clip,
        audio,
        [options.seed],
        predictor,
        style=style,
        steps=options.steps,
        variation=options.variation,
        fps=fps or _FPS,
        sliders=adjustments,
        progress=lambda part: report(part, "Animating"),
    )
    return clip.in_file(take.motion), take.recipe
