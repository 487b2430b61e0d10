# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright preview``: a sound as a talking head."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from ...core.errors import ExportError
from ..progress import progress, say
from ..take import add_take, take_of


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    preview = commands.add_parser("preview", help="render a sound as a talking head (needs the bpy wheel)")
    preview.set_defaults(run=_preview)
    add_take(preview, "the film, .mp4")
    preview.add_argument("--size", type=_size, default=480, help="width and height in pixels (default 480)")


def _preview(options: argparse.Namespace) -> None:
    from ...preview.render import FPS, render_preview

    if options.output.suffix.lower() != ".mp4":
        raise ExportError(f"Expected a file name that ends in .mp4, got '{options.output.name}'. Rename the output.")
    if find_spec("bpy") is None:
        raise ExportError(
            "Expected the bpy wheel, which renders the preview. Install it: `pip install bpy` (Python 3.11)."
        )
    report = progress(options)
    motion, _ = take_of(options, float(FPS), report)
    render_preview(
        motion, options.sound, options.output, size=options.size, progress=lambda part: report(part, "Rendering")
    )
    say(options, f"{motion.frames / motion.fps:.1f} s in {options.output}")


def _size(text: str) -> int:
    size = int(text)
    if not 64 <= size <= 2160:
        raise argparse.ArgumentTypeError(f"expected 64 to 2160 pixels, got {text!r}")
    return size - size % 2  # H.264 wants even sizes
