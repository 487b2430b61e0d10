# SPDX-License-Identifier: GPL-3.0-or-later
"""``facewright convert``: curves from one format to another, to FLAME, and from FLAME back to curves."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import ExportError, MotionError
from .exporters import SUFFIXES, export, exporter_for
from .motion import Motion
from .replacing import ensure_writable

if TYPE_CHECKING:
    from .flame.face import FlameFace
    from .flame.files import Trajectory
    from .flame.parameters import Parameters

_CACHES = (".npy", ".pc2")  # vertices
_NEED = "Give your FLAME file with --flame (.pkl or .npz from https://flame.is.tue.mpg.de)."


def add_command(commands: argparse._SubParsersAction) -> None:
    """Add the command to the command line."""
    convert = commands.add_parser(
        "convert",
        help="curves to other formats and to FLAME, FLAME to curves",
        description="Curves (.csv, .json, .npz) become another format or, with --flame, FLAME parameters (.npz) or "
        "vertices (.npy, .pc2). FLAME parameters and vertices of other tools (.npz, .npy) become curves.",
    )
    convert.set_defaults(run=_convert)
    convert.add_argument(
        "source", metavar="IN", type=Path, help=f"curves ({', '.join(SUFFIXES)}) or FLAME (.npy, .npz)"
    )
    convert.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=Path,
        required=True,
        help=f"{', '.join(SUFFIXES)}; FLAME: .npz, .npy, .pc2",
    )
    convert.add_argument("--flame", metavar="FILE", type=Path, help="your FLAME model, .pkl or .npz")
    convert.add_argument("--fps", type=float, help="frames per second of IN, where the file does not say")
    convert.add_argument(
        "--neutral", metavar="FILE", type=Path, help="vertices of the same person at rest, .npy (5023, 3)"
    )
    convert.add_argument("--vertices", action="store_true", help="put the vertices (F, 5023, 3) into the .npz as well")
    convert.add_argument("--quiet", action="store_true", help="only errors")


def _convert(options: argparse.Namespace) -> None:
    from .flame.files import is_flame

    if not options.source.is_file():
        raise MotionError(f"Expected a file of curves or FLAME motion, but there is no '{options.source}'.")
    if options.output.exists() and options.output.samefile(options.source):
        raise ExportError(f"Expected another file than the one to read, got '{options.output}'. Rename the output.")
    ensure_writable(options.output)
    if options.fps is not None and not 0 < options.fps <= 1000:
        raise MotionError(f"Expected a rate above 0 and up to 1000 frames per second, got {options.fps}.")
    said = _from_flame(options) if is_flame(options.source) else _from_curves(options)
    if not options.quiet:
        sys.stderr.write(said + "\n")


def _from_curves(options: argparse.Namespace) -> str:
    motion = exporter_for(options.source).read(options.source)
    if options.flame is None:
        if options.output.suffix.lower() in _CACHES:
            raise ExportError(f"Expected a FLAME file to make vertices with. {_NEED}")
        export(motion, options.output)
        return f"{motion.frames} frames at {motion.fps:g} fps in {options.output}"
    from .flame.convert import parameters_of

    face = _face(options, None)
    return _write_flame(options, parameters_of(motion, face), face)


def _from_flame(options: argparse.Namespace) -> str:
    from .flame.files import Trajectory, read_flame

    if options.flame is None:
        raise MotionError(f"Expected a FLAME file to read '{options.source}' with. {_NEED}")
    found = read_flame(options.source, options.fps)
    suffix = options.output.suffix.lower()
    if suffix in _CACHES and not isinstance(found, Trajectory):
        return _write_flame(options, found, _face(options, found))
    if suffix not in _CACHES:
        exporter_for(options.output)
    motion = _curves_of(options, found)
    export(motion, options.output)
    return f"{motion.frames} frames at {motion.fps:g} fps in {options.output}"


def _curves_of(options: argparse.Namespace, found: Parameters | Trajectory) -> Motion:
    import numpy as np

    from .flame.convert import motion_of, motion_of_vertices
    from .flame.parameters import Parameters

    face = _face(options, found)
    if isinstance(found, Parameters):
        return motion_of(found, face)
    neutral = None
    if options.neutral is not None:
        try:
            neutral = np.load(options.neutral, allow_pickle=False).reshape(-1, 3)
        except (ValueError, EOFError, OSError) as error:
            raise MotionError(
                f"Expected vertices (5023, 3) in '{options.neutral}', got something else: {error}."
            ) from error
        if neutral.shape != face.neutral.shape or not np.isfinite(neutral).all():
            raise MotionError(f"Expected finite vertices (5023, 3) in '{options.neutral}', got {neutral.shape}.")
    return motion_of_vertices(found.vertices, face, found.fps, neutral, found.start)


def _face(options: argparse.Namespace, found: Parameters | Trajectory | None) -> FlameFace:
    from .flame.face import flame_face
    from .flame.model import FlameModel

    return flame_face(FlameModel.load(options.flame), getattr(found, "shape", None))


def _write_flame(options: argparse.Namespace, parameters: Parameters, face: FlameFace) -> str:
    import numpy as np

    from .flame.files import write_parameters
    from .flame.register import own_axes
    from .replacing import replacing
    from .vertex_cache import write_pc2

    suffix, frames, count = options.output.suffix.lower(), parameters.frames, len(face.neutral)
    if suffix == ".pc2":
        chunks = (own_axes(part) for part in face.model.chunks(parameters))
        write_pc2(options.output, chunks, frames, count)
    elif suffix == ".npy":
        with replacing(options.output) as part:
            held = np.lib.format.open_memmap(part, "w+", np.float32, (frames, count, 3))
            done = 0
            for chunk in face.model.chunks(parameters):
                held[done : done + len(chunk)] = chunk
                done += len(chunk)
            held.flush()
            del held
    elif suffix == ".npz":
        write_parameters(parameters, options.output, face.model.vertices(parameters) if options.vertices else None)
    else:
        raise ExportError(
            f"Expected .npz (parameters), .npy or .pc2 (vertices) for FLAME, got '{options.output.name}'."
        )
    return f"{frames} frames of FLAME at {parameters.fps:g} fps in {options.output}"
