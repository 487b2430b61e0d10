# SPDX-License-Identifier: GPL-3.0-or-later
"""FLAME motion in files, as research code writes it, and as this project does.

Arrays (``.npy``): vertices ``(F, 15069)`` or ``(F, 5023, 3)`` (VOCA, FaceFormer, CodeTalker and their kin);
``(F, 106)`` and ``(F, 56)``: 100 or 50 expression coefficients, root rotation, jaw (ARTalk,
https://github.com/xg-chu/ARTalk); ``(F, 103)`` and ``(F, 53)``: expression and jaw; ``(F, 100)`` and ``(F, 50)``:
expression alone. Archives (``.npz``): the names in `_NAMES`, among them DiffPoseTalk's ``exp``, ``pose``, ``shape``
(https://github.com/DiffPoseTalk/DiffPoseTalk/blob/main/demo.py) and VHAP's and GaussianAvatars' ``flame_param.npz``.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..core.atomic_write import replacing
from ..core.errors import MotionError
from ..core.npz_arrays import arrays_of, names_in
from ..core.rotations import matrices, vectors
from .parameters import Parameters
from .read import VERTICES

VERTEX_RATE, PARAMETER_RATE = 30.0, 25.0  # what FaceFormer and what ARTalk and DiffPoseTalk write
_NAMES = {
    "expression": ("expression", "expr", "exp", "expressions", "expcode", "expression_params"),  # the last of SMIRK
    "pose": ("pose", "posecode", "full_pose", "fullpose", "flame_pose"),
    "root": ("rotation", "global_orient", "global_pose", "root_pose", "pose_params"),
    "neck": ("neck_pose", "neck", "neckpose"),
    "jaw": ("jaw_pose", "jaw", "jawpose", "jaw_params"),
    "eyes": ("eyes_pose", "eye_pose", "eyes", "eyepose"),
    "left": ("leye_pose",),
    "right": ("reye_pose",),
    "body": ("poses",),
    "translation": ("translation", "transl", "trans"),
    "shape": ("shape", "betas", "shapecode", "shape_params"),
    "vertices": ("vertices", "verts"),
    "fps": ("fps", "mocap_frame_rate", "frame_rate"),
    "start": ("start",),
}
_WIDTHS = {106: (100, 6), 56: (50, 6), 103: (100, 3), 53: (50, 3), 100: (100, 0), 50: (50, 0)}
_KNOWN = (
    "vertices (F, 15069) or (F, 5023, 3); (F, 106), (F, 103), (F, 100), (F, 56), (F, 53) or (F, 50) FLAME numbers; or "
    "an .npz with names such as exp, pose, jaw_pose"
)


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Vertices over time: (F, 5023, 3), metres, FLAME's axes; maybe mapped from a file."""

    vertices: np.ndarray
    fps: float
    start: float = 0.0


def is_flame(path: str | os.PathLike[str]) -> bool:
    """Whether a file is FLAME motion rather than curves, judged by its suffix and the names of the arrays in it."""
    path = Path(path)
    if path.suffix.lower() == ".npy":
        return True
    if path.suffix.lower() != ".npz" or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = {name.removesuffix(".npy") for name in archive.namelist()}
    return not {"weights", "channels"} <= names


def read_flame(path: str | os.PathLike[str], fps: float | None = None) -> Parameters | Trajectory:
    """Read FLAME motion.

    Parameters
    ----------
    path : str or PathLike
        ``.npy`` or ``.npz`` in one of the layouts above.
    fps : float, optional
        Frames per second; by default what the file says, else 30 for vertices and 25 for parameters.

    Raises
    ------
    MotionError
        When it is something else, damaged, or keeps pickles in place of arrays.
    """
    try:
        if not zipfile.is_zipfile(path):
            return _from_array(np.load(path, mmap_mode="r", allow_pickle=False), fps, path)
        inside = names_in(path)
        held = arrays_of(path, [name for names in _NAMES.values() for name in names])
        arrays = {key: held[name] for key, names in _NAMES.items() for name in names if name in held}
        return _from_arrays(arrays, fps, path, ", ".join(inside[:8]))
    except MotionError:
        raise
    except Exception as error:  # a damaged file can fail in any way
        raise MotionError(
            f"Expected FLAME motion in '{path}' ({_KNOWN}), got something else: {error}. Torch files (.pt) and pickles "
            "have to be saved as plain .npy or .npz first."
        ) from error


def _from_array(array: np.ndarray, fps: float | None, path: str | os.PathLike[str]) -> Parameters | Trajectory:
    if array.ndim > 2 and array.shape[0] == 1 and array.shape[1:] != (VERTICES, 3):
        array = array[0]
    if array.ndim == 2 and array.shape[1] == 3 * VERTICES:
        array = array.reshape(-1, VERTICES, 3)
    good = array.dtype.kind in "fiu" and len(array) > 0
    if good and array.ndim == 3 and array.shape[1:] == (VERTICES, 3):
        return Trajectory(array, fps or VERTEX_RATE)
    if not good or array.ndim != 2 or array.shape[1] not in _WIDTHS:
        raise MotionError(f"Expected FLAME motion in '{path}' ({_KNOWN}), got an array {array.shape} {array.dtype}.")
    count, pose = _WIDTHS[array.shape[1]]
    given: dict[str, Any] = {"expression": array[:, :count]}
    if pose:
        given["jaw"] = array[:, -3:]
    if pose == 6:
        given["root"] = array[:, -6:-3]
    return Parameters.still(len(array), fps or PARAMETER_RATE, **given)


def _from_arrays(
    arrays: Mapping[str, np.ndarray], fps: float | None, path: str | os.PathLike[str], inside: str
) -> Parameters | Trajectory:
    stated = float(np.ravel(arrays["fps"])[0]) if "fps" in arrays and np.size(arrays["fps"]) else None
    start = float(np.ravel(arrays["start"])[0]) if "start" in arrays else 0.0
    rate = fps or stated
    if "expression" not in arrays:
        if "vertices" in arrays:
            read = _from_array(arrays["vertices"], rate, path)
            if isinstance(read, Trajectory):
                return Trajectory(read.vertices, read.fps, start)
        raise MotionError(f"Expected FLAME motion in '{path}' ({_KNOWN}), got an archive with {inside or 'nothing'}.")
    expression = _rows(arrays["expression"])
    given = {"expression": expression}
    for key in ("root", "neck", "jaw", "eyes", "translation"):
        if key in arrays:
            given[key] = _rows(arrays[key])
    if "pose" in arrays:
        given |= _of_pose(_rows(arrays["pose"]), path)
    if "left" in arrays and "right" in arrays:
        given["eyes"] = np.concatenate([_rows(arrays["left"]), _rows(arrays["right"])], axis=1)
    if "body" in arrays and arrays["body"].shape[-1] == 165:
        given |= _of_body(_rows(arrays["body"]))
    if "shape" in arrays:
        given["shape"] = np.asarray(arrays["shape"], np.float32).reshape(-1, arrays["shape"].shape[-1]).mean(axis=0)
    return Parameters.still(len(expression), rate or PARAMETER_RATE, start, **given)


def _rows(array: np.ndarray) -> np.ndarray:
    return np.asarray(array, np.float32).reshape(-1, array.shape[-1])


def _of_pose(poses: np.ndarray, path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The joints in a row of rotations: jaw; root and jaw; or all five, as IMavatar, INSTA and VOCA have them."""
    width = poses.shape[1]
    if width == 15:
        return {"root": poses[:, :3], "neck": poses[:, 3:6], "jaw": poses[:, 6:9], "eyes": poses[:, 9:]}
    if width not in (3, 6):
        raise MotionError(
            f"Expected a FLAME pose of 3 (jaw), 6 (root, jaw) or 15 numbers (root, neck, jaw, eyes), got {width} in "
            f"'{Path(path).name}'. Save the jaw alone as jaw_pose."
        )
    return {"jaw": poses[:, -3:]} | ({"root": poses[:, :3]} if width == 6 else {})


def _of_body(poses: np.ndarray) -> dict[str, np.ndarray]:
    """Neck and head (as one), jaw and eyes out of SMPL-X' 55 joints, in the order of https://smpl-x.is.tue.mpg.de."""
    neck, head = matrices(poses[:, 36:39]), matrices(poses[:, 45:48])
    return {"neck": vectors(neck @ head), "jaw": poses[:, 66:69], "eyes": poses[:, 69:75]}


def write_parameters(parameters: Parameters, path: str | os.PathLike[str], vertices: np.ndarray | None = None) -> None:
    """Write parameters, and maybe vertices, as an .npz with the names that VHAP and smplx use.

    Raises
    ------
    ExportError
        When the file cannot be made.
    """
    arrays = {
        "expression": parameters.expression,
        "rotation": parameters.root,
        "neck_pose": parameters.neck,
        "jaw_pose": parameters.jaw,
        "eyes_pose": parameters.eyes,
        "translation": parameters.translation,
        "fps": np.float64(parameters.fps),
        "start": np.float64(parameters.start),
    }
    if parameters.shape is not None:
        arrays["shape"] = parameters.shape
    if vertices is not None:
        arrays["vertices"] = vertices
    packed = io.BytesIO()
    np.savez(packed, **arrays)
    with replacing(path) as part:
        part.write_bytes(packed.getbuffer())
