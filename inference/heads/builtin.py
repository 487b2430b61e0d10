# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in head: our own geometry, made by code, with all 52 ARKit shapes and 15 Oculus visemes."""

from __future__ import annotations

from functools import cache

import numpy as np

from ..core.channels import ARKIT, VISEMES
from . import paint
from .model import FaceModel, Part
from .parts import lids
from .rest import SKIN_MATERIALS, Rest, head_at_rest
from .shapes import eyes, jaw, mouth
from .shapes import tongue as shapes_tongue
from .shapes.visemes import visemes

METRES = 0.001
NECK = (0.0, 0.010, -0.110)
TONGUE_OUT_JAW = 0.32  # the tongue needs a gap to come out of


@cache
def builtin_head() -> FaceModel:
    """The head, made once per process; the same on every machine."""
    rest = head_at_rest()
    shapes = {name: (METRES * offset).astype(np.float32) for name, offset in _shapes(rest).items()}
    faces, face_material, polygons = _faces(rest)
    return FaceModel(
        name="Facewright Head",
        neutral=(METRES * rest.points).astype(np.float32),
        faces=faces,
        parts={name: Part(rest.part[name], polygons[name]) for name in rest.part},
        shapes={name: shapes[name] for name in (*ARKIT, *VISEMES)},
        materials=paint.MATERIALS,
        face_material=face_material,
        colors=paint.colors(rest).astype(np.float32),
        eye_centers=(METRES * np.array([lids.CENTER, lids.CENTER * (-1, 1, 1)])).astype(np.float32),
        neck=np.array(NECK, dtype=np.float32),
    )


def _shapes(rest: Rest) -> dict[str, np.ndarray]:
    """All offsets by name, millimetres."""
    arkit = jaw.shapes(rest) | mouth.shapes(rest) | eyes.shapes(rest)
    tongue = shapes_tongue.positions(rest)
    arkit["tongueOut"] = tongue["out"] + TONGUE_OUT_JAW * arkit["jawOpen"]
    return arkit | visemes(arkit, tongue)


def _faces(rest: Rest) -> tuple[np.ndarray, np.ndarray, dict[str, slice]]:
    """Faces of the whole head, the material of each, and the faces of each part."""
    skin = [SKIN_MATERIALS.get(tag, "skin") for tag in rest.skin.tags]
    faces, names, polygons, start = [rest.skin.quads], [*skin], {"skin": slice(0, len(skin))}, len(skin)
    for name, piece in rest.pieces.items():
        faces.append(np.where(piece.faces < 0, -1, piece.faces + rest.part[name].start))
        names += list(piece.materials)
        polygons[name] = slice(start, start + len(piece.faces))
        start += len(piece.faces)
    material = np.array([paint.NUMBER[name] for name in names], dtype=np.int32)
    return np.concatenate(faces).astype(np.int32), material, polygons
