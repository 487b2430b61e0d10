# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line: ``facewright animate``, ``preview``, ``batch``, ``recipe``, ``capture``, ``style`` and others.

Results go to files (``info``: to standard output), progress and errors to standard error. Exit status: 0 done, 1 what
was asked for could not be done and the message says why, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from ..core.atomic_write import ensure_writable
from ..core.clip import Clip
from ..core.errors import ExportError, FacewrightError
from ..core.motion import Motion
from ..formats import SUFFIXES, export, exporter_for
from ..takes.recipe import Recipe
from .adjust import add_sliders, sliders_of
from .batch import add_batch
from .capture import add_capture
from .flame import add_convert, add_flame, export_flame, flame_of
from .recipe import add_recipe, add_replay, made_again, recipe_from
from .style import add_style, add_styles, style_of

FAILED, INTERRUPTED = 1, 130

_FPS = 60.0
_LIBRARIES = ("numpy", "onnxruntime", "soundfile", "soxr", "av", "mediapipe", "bpy")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; `arguments` are those of the process by default. Returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except FacewrightError as error:
        sys.stderr.write(f"facewright: {error}\n")
        return FAILED
    except KeyboardInterrupt:
        sys.stderr.write("facewright: interrupted; nothing was written.\n")
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="facewright",
        description="Speech in, facial animation out.",
        epilog="Exit status: 0 done, 1 could not be done (the message says why), 2 wrong usage, 130 interrupted.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    animate = commands.add_parser("animate", help="write the curves of a sound to a file")
    animate.set_defaults(run=_animate)
    _add_take(animate, f"the curves; the suffix chooses the format: {', '.join(SUFFIXES)}")
    animate.add_argument("--fps", type=_rate, help="frames per second of the curves (default 60, or the recipe's)")
    add_flame(animate)

    preview = commands.add_parser("preview", help="render a sound as a talking head (needs the bpy wheel)")
    preview.set_defaults(run=_preview)
    _add_take(preview, "the film, .mp4")
    preview.add_argument("--size", type=_size, default=480, help="width and height in pixels (default 480)")

    add_batch(commands)
    add_recipe(commands)
    add_capture(commands, _progress)
    add_styles(commands, _progress)
    add_convert(commands)

    info = commands.add_parser("info", help="say which model, processor and libraries are used")
    info.set_defaults(run=_info)
    _add_device(info)
    return parser


def _add_take(command: argparse.ArgumentParser, output: str) -> None:
    command.add_argument("sound", metavar="IN", type=Path, help="WAV, FLAC, OGG, Opus, MP3, AIFF; with PyAV also video")
    command.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help=output)
    command.add_argument("--start", type=_seconds, default=0.0, help="seconds of the sound to leave out (default 0)")
    command.add_argument("--duration", type=_seconds, help="seconds of the sound to use (default: all)")
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
    _add_device(command)


def _add_device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: the best there is")


def _animate(options: argparse.Namespace) -> None:
    face = flame_of(options) if options.flame else None  # a wrong file or suffix is an error before the work begins
    if face is None:
        exporter_for(options.output)
    motion, recipe = _take(options, options.fps, _progress(options))
    if face is None:
        export(motion, options.output, recipe)
    else:
        export_flame(motion, face, options.output, vertices=options.vertices)
    _say(options, f"{motion.frames} frames at {motion.fps:g} fps in {options.output}")


def _preview(options: argparse.Namespace) -> None:
    from ..preview.render import FPS, render_preview

    if options.output.suffix.lower() != ".mp4":
        raise ExportError(f"Expected a file name that ends in .mp4, got '{options.output.name}'. Rename the output.")
    if find_spec("bpy") is None:
        raise ExportError(
            "Expected the bpy wheel, which renders the preview. Install it: `pip install bpy` (Python 3.11)."
        )
    report = _progress(options)
    motion, _ = _take(options, float(FPS), report)
    render_preview(
        motion, options.sound, options.output, size=options.size, progress=lambda part: report(part, "Rendering")
    )
    _say(options, f"{motion.frames / motion.fps:.1f} s in {options.output}")


def _info(options: argparse.Namespace) -> None:
    from ..policy.predictor import load_predictor

    predictor = load_predictor(device=options.device)
    card = predictor.card
    lines = [("model", f"{card.name} {card.version}: {card.summary}"), ("runs on", predictor.provider)]
    lines += [("can run on", ", ".join(_providers())), ("formats", ", ".join(SUFFIXES))]
    lines += [("python", f"{platform.python_version()} on {platform.platform()}")]
    lines += [(library, _version(library)) for library in _LIBRARIES]
    sys.stdout.write("".join(f"{name + ':':13}{value}\n" for name, value in lines))


def _take(
    options: argparse.Namespace, fps: float | None, report: Callable[[float, str], None]
) -> tuple[Motion, Recipe | None]:
    """The motion of the sound and its recipe, made only after checking that the output can be written."""
    from ..audio.decode import load_clip
    from ..policy.predictor import load_predictor
    from ..takes.generate import generate

    if options.output.exists() and options.sound.exists() and options.output.samefile(options.sound):
        raise ExportError(f"Expected another file than the sound itself, got '{options.output}'. Rename the output.")
    ensure_writable(options.output)
    given_recipe, adjustments = recipe_from(options), sliders_of(options)
    if given_recipe is not None:
        motion, recipe, doubts = made_again(options, given_recipe, fps, report)
        for text in doubts:
            _say(options, text)
        return motion, recipe
    report(0.0, "Reading")
    clip = Clip(str(options.sound), options.start, options.duration)
    audio, predictor = load_clip(clip), load_predictor(device=options.device)
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


def _progress(options: argparse.Namespace) -> Callable[[float, str], None]:
    """A function that shows how far the work is: one line that changes on a terminal, a line per stage elsewhere."""
    stages: list[str] = []
    live = sys.stderr.isatty()

    def report(fraction: float, stage: str) -> None:
        if live:
            sys.stderr.write(f"\r\033[K{stage} {fraction:4.0%}")
        elif stage not in stages:
            stages.append(stage)
            sys.stderr.write(f"{stage}\n")
        sys.stderr.flush()

    return (lambda fraction, stage: None) if options.quiet else report


def _say(options: argparse.Namespace, text: str) -> None:
    if not options.quiet:
        sys.stderr.write(("\r\033[K" if sys.stderr.isatty() else "") + text + "\n")


def _providers() -> list[str]:
    from ..policy.session import onnxruntime

    return [name.removesuffix("ExecutionProvider") for name in onnxruntime().get_available_providers()]


def _version(library: str) -> str:
    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return "not installed"


def _rate(text: str) -> float:
    try:
        rate = float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        rate = 0.0
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f"expected a rate up to 1000 such as 30 or 24000/1001, got {text!r}")
    return rate


def _seconds(text: str) -> float:
    seconds = float(text)
    if not (math.isfinite(seconds) and seconds >= 0):
        raise argparse.ArgumentTypeError(f"expected seconds, 0 or more, got {text!r}")
    return seconds


def _size(text: str) -> int:
    size = int(text)
    if not 64 <= size <= 2160:
        raise argparse.ArgumentTypeError(f"expected 64 to 2160 pixels, got {text!r}")
    return size - size % 2  # H.264 wants even sizes
