# SPDX-License-Identifier: GPL-3.0-or-later
"""``--flame``: FLAME parameters and vertices in place of curves."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..core.atomic_write import replacing
from ..core.errors import ExportError
from ..core.motion import Motion

if TYPE_CHECKING:
    from ..flame.face import FlameFace
    from ..flame.parameters import Parameters

CACHES = (".npy", ".pc2")  # vertices


def add_flame(command: argparse.ArgumentParser) -> None:
    """Add the options of FLAME to a command."""
    command.add_argument(
        "--flame", metavar="FILE", type=Path, help="your FLAME model (.pkl, .npz); OUT: .npz parameters, .npy or .pc2"
    )
    command.add_argument("--vertices", action="store_true", help="with --flame: vertices (F, 5023, 3) in the .npz, too")


def flame_of(options: argparse.Namespace, shape: np.ndarray | None = None) -> FlameFace:
    """The head of ``--flame``; raises ExportError when the output has a suffix to which FLAME cannot be written."""
    from ..flame.face import flame_face
    from ..flame.model import FlameModel

    if options.output.suffix.lower() not in (".npz", *CACHES):
        raise ExportError(
            f"Expected .npz (parameters), .npy or .pc2 (vertices) for FLAME, got '{options.output.name}'."
        )
    return flame_face(FlameModel.load(options.flame), shape)


def export_flame(motion: Motion, face: FlameFace, path: Path, *, vertices: bool = False) -> None:
    """Write curves as FLAME parameters, or as the vertices they move, whichever the suffix of `path` names."""
    from ..flame.convert import parameters_of

    write_flame(parameters_of(motion, face), face, path, vertices)


def write_flame(parameters: Parameters, face: FlameFace, path: Path, vertices: bool = False) -> None:
    """Write FLAME parameters, or the vertices they move, whichever the suffix of `path` names."""
    from ..flame.files import write_parameters
    from ..flame.register import own_axes
    from ..formats.point_cache import write_pc2

    shape = (parameters.frames, len(face.neutral), 3)
    if path.suffix.lower() == ".pc2":
        write_pc2(path, (own_axes(part) for part in face.model.chunks(parameters)), *shape[:2])
    elif path.suffix.lower() == ".npy":
        with replacing(path) as part, part.open("wb") as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(file, header)
            for chunk in face.model.chunks(parameters):
                file.write(chunk.astype("<f4").tobytes())
    else:
        write_parameters(parameters, path, face.model.vertices(parameters) if vertices else None)
