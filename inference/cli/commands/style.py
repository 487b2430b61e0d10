# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright style``: learn, list, show, blend and average styles."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.atomic_write import ensure_writable
from ...core.channels import MOUTH, PHONES
from ...core.errors import ExportError, StyleError
from ...formats import read_noted
from ...styles.file import SUFFIX, write
from ...styles.library import Library, user_folder
from ...styles.style import BROWS, REGIONS, Style, average, blend
from ...takes.chosen_style import known_style
from ..device import add_device, predictor_of
from ..progress import progress, say
from ..sound import add_channel_and_track, noted
from ..style_option import STYLE

if TYPE_CHECKING:
    from ...core.motion import Motion

_KEPT = f"file to write, {SUFFIX} (default: keep it in your library)"


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command ``style`` with its own commands."""
    style = commands.add_parser("style", help="learn, list, show, blend and average styles of speaking")
    does = style.add_subparsers(required=True, metavar="WHAT")

    learn = does.add_parser("learn", help="learn how somebody speaks, from a voice or from speech with motion")
    learn.set_defaults(run=lambda options: _learn(options, progress(options)))
    learn.add_argument("sound", metavar="SOUND", type=Path, help="the speech; 5 s and more of it")
    learn.add_argument(
        "--motion", metavar="CURVES", type=Path, help="the face in it: .csv (Live Link Face), .npz or .json"
    )
    learn.add_argument(
        "--in-context", action="store_true", help="takes begin as the motion ends, too: brows, head and gaze go on"
    )
    learn.add_argument("--name", help="of the style (default: that of the output, or of the sound)")
    learn.add_argument("-o", "--output", metavar="OUT", type=Path, help=_KEPT)
    add_channel_and_track(learn)
    add_device(learn)
    learn.add_argument("--quiet", action="store_true", help="no progress and no report, only errors")

    shown = does.add_parser("list", help="the presets and the styles of your library")
    shown.set_defaults(run=_list)
    show = does.add_parser("show", help="what a style does, and how it was made")
    show.set_defaults(run=_show)
    show.add_argument("style", metavar="STYLE", help=STYLE)

    mix = does.add_parser("blend", help="a style between two")
    mix.set_defaults(run=_blend)
    mix.add_argument("styles", metavar="STYLE", nargs=2, help=STYLE)
    mix.add_argument("part", metavar="PART", type=float, help="0 is the first, 1 the second")
    mean = does.add_parser("average", help="the mean of several styles")
    mean.set_defaults(run=_average)
    mean.add_argument("styles", metavar="STYLE", nargs="+", help=STYLE)
    for command in (mix, mean):
        command.add_argument("--name", help="of the new style")
        command.add_argument("-o", "--output", metavar="OUT", type=Path, help=_KEPT)
        command.set_defaults(quiet=False)


def _library() -> Library:
    return Library(user_folder())


def _style(named: str) -> Style:
    return known_style(named) or _library().get(named)  # raises an error that lists the styles


def _learn(options: argparse.Namespace, report: Callable[[float, str], None]) -> None:
    from ...audio.decode import load_audio
    from ...style_learning.context import learn_in_context
    from ...style_learning.learn import learn, learn_voice

    if options.in_context and options.motion is None:
        raise StyleError("Expected the motion of the reference for --in-context, got its sound alone. Add --motion.")
    _ensure_output(options)
    name = (options.name or (options.output or options.sound).stem)[:80]
    motion = None
    if options.motion is not None:
        motion, notes = read_noted(options.motion)
        for note in notes:
            say(options, note)
    report(0.0, "Reading")
    audio = noted(options, load_audio(options.sound, channel=options.channel, track=options.track))
    predictor = predictor_of(options)
    report(0.1, "Learning")
    if motion is None:
        learned = learn_voice(audio, name=name, predictor=predictor)
    else:
        learning = learn_in_context if options.in_context else learn
        given = {"name": name, "predictor": predictor, "progress": lambda part: report(part, "Learning")}
        learned = learning(audio, motion, **given)
    _keep(options, learned.style, learned.report)


def _list(_options: argparse.Namespace) -> None:
    library = _library()
    lines = [f"{name:24}preset, made by rule" for name in library.presets]
    lines += [f"{name:24}{path}" for name, path in library.own.items()]
    sys.stdout.write("\n".join(lines) + "\n")


def _show(options: argparse.Namespace) -> None:
    style = _style(options.style)
    lines = [style.name, *style.about.splitlines(), ""]
    lines += [f"{'phone':8}{'memory':>8}" + "".join(f"{region:>10}" for region in REGIONS)]
    usual = np.ones(1 + len(REGIONS))
    for phone, slot, row in zip(PHONES, style.slots, style.gains, strict=True):
        if not np.array_equal([slot, *row], usual):
            lines.append(f"{phone:8}{slot:8.2f}" + "".join(f"{gain:10.2f}" for gain in row))
    rest = {name: value for name, value in zip(MOUTH, style.rest, strict=True) if abs(value) >= 0.005}
    rest |= {name: value for name, value in zip(BROWS, style.posture, strict=True) if abs(value) >= 0.005}
    lines += [f"rest: {', '.join(f'{name} {value:+.2f}' for name, value in rest.items()) or 'as usual'}"]
    lines += [f"lead: {1000 * style.lead:+.0f} ms, asymmetry: {style.asymmetry:+.2f}"]
    lines += [", ".join(f"{key} x{getattr(style, key):.2f}" for key in ("brows", "head", "gaze", "blinks"))]
    lines += [f"begins with: {_first(style.context)}"] if style.context else []
    sys.stdout.write("\n".join(lines) + "\n")


def _first(context: Motion) -> str:
    """The last frame of a context, from which takes begin, as text."""
    last = zip(context.channels, context.values[-1], strict=True)
    return ", ".join(f"{name} {value:+.2f}" for name, value in last if abs(value) >= 0.005) or "a face at rest"


def _blend(options: argparse.Namespace) -> None:
    _ensure_output(options)
    first, second = (_style(named) for named in options.styles)
    blended = blend(first, second, options.part)
    _keep(options, replace(blended, name=_name(options, blended.name)))


def _average(options: argparse.Namespace) -> None:
    _ensure_output(options)
    _keep(options, average([_style(named) for named in options.styles], _name(options, "average")))


def _name(options: argparse.Namespace, usual: str) -> str:
    return options.name or (options.output.stem if options.output else usual)


def _ensure_output(options: argparse.Namespace) -> None:
    """Raise before the work begins what would fail after it: a wrong suffix, or a file that cannot be written."""
    if options.output is None:
        return
    if options.output.suffix.lower() != SUFFIX:
        raise ExportError(
            f"Expected a file name that ends in {SUFFIX}, got '{options.output.name}'. Rename the output."
        )
    ensure_writable(options.output)


def _keep(options: argparse.Namespace, style: Style, report: tuple[str, ...] = ()) -> None:
    """Write a style to the output, or into the library where none was given, and say where it is."""
    if options.output is None:
        style, where = _library().add(style)
    else:
        where = options.output
        write(style, where)
    if not options.quiet:
        lines = (f"style '{style.name}' in {where}", *report)
        sys.stderr.write(("\r\033[K" if sys.stderr.isatty() else "") + "\n".join(lines) + "\n")
