# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading a FLAME file: 2020, 2023 or 2023 Open as ``.pkl``, or its arrays as ``.npz``.

Li, Bolkart, Black, Li, Romero: "Learning a model of facial shape and expression from 4D scans", 2017,
https://doi.org/10.1145/3130800.3130813; files from https://flame.is.tue.mpg.de, each under the licence it comes with.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import RigError
from ..core.npz_arrays import arrays_of
from .unpickle import Refused, array_of, unpickle

LARGEST_FILE = 2**29  # bytes; FLAME files have about 50 million
VERTICES, FACES, JOINTS = 5023, 9976, 5
NAMES = ("v_template", "f", "shapedirs", "posedirs", "J_regressor", "weights", "kintree_table")
_GET = "Get the model from https://flame.is.tue.mpg.de and give the .pkl (or .npz) that is inside the download."


def read_arrays(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """The arrays of a FLAME file, by the names of the original.

    Returns
    -------
    dict of str to ndarray
        ``v_template (5023, 3)``, ``f (9976, 3)``, ``shapedirs (5023, 3, n)``, ``posedirs (5023, 3, 36)``,
        ``J_regressor (5, 5023)``, ``weights (5023, 5)``, ``kintree_table (2, 5)``.

    Raises
    ------
    RigError
        When the file cannot be read, is something else, or is damaged.
    """
    path = Path(path)
    data = _bytes(path)
    held = _from_zip(path) if data[:4] == b"PK\x03\x04" else _from_pickle(path, data)
    missing = [name for name in NAMES if name not in held]
    if missing:
        some = ", ".join(sorted(map(str, held))[:8]) or "nothing"
        raise RigError(f"Expected a FLAME model, but '{path}' has no {', '.join(missing)}; it holds {some}. {_GET}")
    try:
        arrays = {name: array_of(held[name]) for name in NAMES}
    except (Refused, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise RigError(f"Expected a FLAME model in '{path}', but an array of it is damaged: {error}. {_GET}") from error
    _check(path, arrays)
    return arrays


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise RigError(f"Expected a FLAME model of about 50 MB, but '{path}' has {size / 1e6:.0f} MB. {_GET}")
        return path.read_bytes()
    except OSError as error:
        raise RigError(f"Cannot read '{path}': {error.strerror or error}. Choose the FLAME file again.") from error


def _from_pickle(path: Path, data: bytes) -> Mapping[Any, Any]:
    if data[:1] not in (b"\x80", b"(", b"}", b"c", b"]"):
        raise RigError(f"Expected a FLAME model in '{path}', which is neither a pickle nor an .npz. {_GET}")
    try:
        held = unpickle(data)
    except Refused as error:
        raise RigError(
            f"Expected only arrays in '{path}', but it asks for {error}, which no FLAME model needs. "
            f"Nothing of it was run. {_GET}"
        ) from error
    except Exception as error:  # a damaged pickle can fail in any way
        kind = type(error).__name__
        raise RigError(f"'{path}' is damaged or cut off ({kind}: {error}). Download it again.") from error
    if not isinstance(held, dict):
        raise RigError(f"Expected a FLAME model in '{path}', which holds a {type(held).__name__}. {_GET}")
    return held


def _from_zip(path: Path) -> Mapping[str, np.ndarray]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if sum(info.file_size for info in archive.infolist()) > 2 * LARGEST_FILE:
                raise RigError(f"Expected a FLAME model of about 50 MB, but '{path}' unpacks to far more. {_GET}")
        packed = [name for name in names if name.endswith(".pkl")]
        if packed:
            raise RigError(f"'{path}' is the download itself. Unpack it, and give '{packed[0]}', which is in it.")
        if not all(name.endswith(".npy") for name in names):
            raise RigError(f"Expected a FLAME model in '{path}', which is a zip of {', '.join(names[:3])} .... {_GET}")
        return arrays_of(path, NAMES)
    except RigError:
        raise
    except Exception as error:  # a damaged archive can fail in any way
        raise RigError(
            f"'{path}' is a damaged .npz, or one that keeps pickles in place of arrays ({error}). Save it again with "
            "plain arrays, or give the .pkl."
        ) from error


def _check(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    count = arrays["v_template"].shape[0] if arrays["v_template"].ndim else 0
    if count != VERTICES:
        what = {6890: "SMPL (a body)", 10475: "SMPL-X (a body)", 778: "MANO (a hand)"}.get(count, "another model")
        raise RigError(f"Expected FLAME's {VERTICES} vertices, but '{path}' has {count}: that is {what}. {_GET}")
    directions = arrays["shapedirs"].shape[-1]
    expected = {
        "v_template": (VERTICES, 3),
        "f": (FACES, 3),
        "shapedirs": (VERTICES, 3, directions),
        "posedirs": (VERTICES, 3, 9 * (JOINTS - 1)),
        "J_regressor": (JOINTS, VERTICES),
        "weights": (VERTICES, JOINTS),
        "kintree_table": (2, JOINTS),
    }
    for name, shape in expected.items():
        array = arrays[name]
        if array.shape != shape or array.dtype.kind not in "biuf":
            raise RigError(f"Expected {name} of shape {shape} in '{path}', got {array.shape} {array.dtype}. {_GET}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise RigError(f"Expected finite numbers in {name} of '{path}', got NaN or infinity. Download it again.")
    if arrays["f"].min() < 0 or arrays["f"].max() >= VERTICES:
        raise RigError(f"Expected faces between the {VERTICES} vertices in '{path}', got others. Download it again.")
