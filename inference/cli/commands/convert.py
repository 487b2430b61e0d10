# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright convert``: curves to other formats and to FLAME, FLAME to curves."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.atomic_write import ensure_writable
from ...core.errors import ExportError, MotionError
from ...core.motion import Motion
from ...formats import SUFFIXES, export, exporter_for, read_noted
from ..flame import CACHES, add_flame, export_flame, flame_of, write_flame
from ..progress import say

if TYPE_CHECKING:
    from ...flame.face import FlameFace
    from ...flame.files import Trajectory
    from ...flame.parameters import Parameters

_NEED = "Give your FLAME file with --flame (.pkl or .npz from https://flame.is.tue.mpg.de)."


def add(commands: argparse._SubParsersAction) -> None:
    """Add the command."""
    convert = commands.add_parser(
        "convert",
        help="curves to other formats and to FLAME, FLAME to curves",
        description="Curves (.csv, .json, .npz) become another format or, with --flame, FLAME parameters (.npz) or "
        "vertices (.npy, .pc2). FLAME parameters and vertices of other tools (.npz, .npy) become curves.",
    )
    convert.set_defaults(run=_convert)
    kinds = ", ".join(SUFFIXES)
    convert.add_argument("source", metavar="IN", type=Path, help=f"curves ({kinds}) or FLAME (.npy, .npz)")
    convert.add_argument("-o", "--output", metavar="OUT", type=Path, required=True, help=f"{kinds}, .npy or .pc2")
    add_flame(convert)
    convert.add_argument("--fps", type=float, help="frames per second of IN, where the file does not say")
    convert.add_argument("--neutral", metavar="REST", type=Path, help="the person at rest, vertices (5023, 3), .npy")
    convert.add_argument("--quiet", action="store_true", help="only errors")


def _convert(options: argparse.Namespace) -> None:
    from ...flame.files import is_flame

    if not options.source.is_file():
        raise MotionError(f"Expected a file of curves or FLAME motion, but there is no '{options.source}'.")
    if options.output.exists() and options.output.samefile(options.source):
        raise ExportError(f"Expected another file than the one to read, got '{options.output}'. Rename the output.")
    ensure_writable(options.output)
    if options.fps is not None and not 0 < options.fps <= 1000:
        raise MotionError(f"Expected a rate above 0 and up to 1000 frames per second, got {options.fps}.")
    frames, fps = _from_flame(options) if is_flame(options.source) else _from_curves(options)
    if not options.quiet:
        sys.stderr.write(f"{frames} frames at {fps:g} fps in {options.output}\n")


def _from_curves(options: argparse.Namespace) -> tuple[int, float]:
    motion, notes = read_noted(options.source)
    for note in notes:
        say(options, note)
    if options.flame is not None:
        export_flame(motion, flame_of(options), options.output, vertices=options.vertices)
    elif options.output.suffix.lower() in CACHES:
        raise ExportError(f"Expected a FLAME file to make vertices with. {_NEED}")
    else:
        export(motion, options.output)
    return motion.frames, motion.fps


def _from_flame(options: argparse.Namespace) -> tuple[int, float]:
    from ...flame.face import flame_face
    from ...flame.files import Trajectory, read_flame
    from ...flame.model import FlameModel

    if options.flame is None:
        raise MotionError(f"Expected a FLAME file to read '{options.source}' with. {_NEED}")
    read = read_flame(options.source, options.fps)
    if options.output.suffix.lower() in CACHES and not isinstance(read, Trajectory):
        write_flame(read, flame_of(options, read.shape), options.output)
        return read.frames, read.fps
    exporter_for(options.output)
    face = flame_face(FlameModel.load(options.flame), getattr(read, "shape", None))
    motion = _curves_of(options, read, face)
    export(motion, options.output)
    return motion.frames, motion.fps


def _curves_of(options: argparse.Namespace, read: Parameters | Trajectory, face: FlameFace) -> Motion:
    """The curves of FLAME parameters, or of vertices and the resting face of ``--neutral``."""
    from ...flame.convert import motion_of, motion_of_vertices
    from ...flame.parameters import Parameters

    if isinstance(read, Parameters):
        return motion_of(read, face)
    rest = None
    if options.neutral is not None:
        try:
            rest = np.load(options.neutral, allow_pickle=False)
        except (ValueError, EOFError, OSError) as error:
            raise MotionError(
                f"Expected vertices (5023, 3) in '{options.neutral}', got something else: {error}."
            ) from error
        if rest.size != face.neutral.size or not np.isfinite(rest).all():
            raise MotionError(f"Expected finite vertices (5023, 3) in '{options.neutral}', got {rest.shape}.")
        rest = rest.reshape(face.neutral.shape)
    return motion_of_vertices(read.vertices, face, read.fps, rest, read.start)
