# SPDX-License-Identifier: GPL-3.0-or-later
"""A face in a video, the curves captured from it, and another head that plays them.

The actor is the built-in head, filmed: MediaPipe finds its face, and so no person is in the picture.
"""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from PIL import Image

from facewright.inference.formats import read_curves
from facewright.inference.heads import builtin_head
from facewright.inference.heads.model import FaceModel

from . import heads, strip

PYTHON = heads.ROOT / ".venvs" / "capture" / "bin" / "python"
SIZE = (300, 320)
# Played large: MediaPipe sees less of a mouth that is only drawn.
ACTED = ("--style", "cartoon", "--slider", "articulation=1.6", "--slider", "upper_face=3", "--seed", "7")


def capture(folder: Path, out: Path) -> None:
    """Video, curves and character, side by side."""
    video = heads.rendered(heads.animated(folder, *ACTED), folder / "actor", SIZE)
    film = folder / "actor.mp4"
    _write_film(video, film)
    curves = folder / "captured.npz"
    command = [PYTHON, "-m", "inference", "capture", film, "-o", curves, "--fps", heads.FPS, "--quiet"]
    subprocess.run([str(part) for part in command], cwd=heads.ROOT, check=True)
    motion = read_curves(curves)
    plots = heads.drawn_curves(motion, SIZE)
    character = heads.rendered(motion, folder / "captured", SIZE, head=_of_clay(builtin_head()))
    columns = {"Video": video, "Captured curves": plots, "The take, on a character": character}
    rows = zip(
        *([strip.captioned(picture, label) for picture in column] for label, column in columns.items()), strict=True
    )
    strip.save([strip.beside(row) for row in rows], out / "capture.webp", heads.FPS)


def _write_film(pictures: list[Image.Image], path: Path) -> None:
    """Twice as large as in the guide: a face in a video should be more than a few pixels."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=heads.FPS)
        stream.width, stream.height, stream.pix_fmt = 2 * SIZE[0], 2 * SIZE[1], "yuv420p"
        for picture in pictures:
            large = picture.resize((stream.width, stream.height), Image.Resampling.LANCZOS)
            film.mux(stream.encode(av.VideoFrame.from_image(large)))
        film.mux(stream.encode())


def _of_clay(head: FaceModel) -> FaceModel:
    """The head in blue clay, so that nobody takes it for the actor; eyes, teeth and brows keep their colours."""
    colours = head.colors.copy()
    for name in ("skin", "hair"):
        part = head.parts[name].vertices
        grey = colours[part].mean(axis=1, keepdims=True)
        colours[part] = np.clip(grey * (0.55, 0.8, 1.25), 0, 1)
    return replace(head, colors=colours)
