# SPDX-License-Identifier: GPL-3.0-or-later
"""NumPy archives of strangers: what each array claims is compared with what is there before anything is allocated."""

from __future__ import annotations

import math
import os
import zipfile
from collections.abc import Iterable
from typing import IO

import numpy as np

LARGEST = 1 << 30  # bytes, unpacked


def names_in(path: str | os.PathLike[str]) -> tuple[str, ...]:
    """Names of the arrays in an archive; raises as `arrays_of`."""
    with zipfile.ZipFile(path) as archive:
        return tuple(name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy"))


def arrays_of(path: str | os.PathLike[str], names: Iterable[str] | None = None) -> dict[str, np.ndarray]:
    """The arrays of an archive that are there, of these names or all.

    Raises
    ------
    Exception
        Of many kinds: zipfile, zlib and NumPy have their own. ValueError when an array holds Python objects, or claims
        to be larger than what is there.
    """
    wanted = names_in(path) if names is None else tuple(names)
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: info for info in archive.infolist()}
        found = {name: members[f"{name}.npy"] for name in wanted if f"{name}.npy" in members}
        if sum(info.file_size for info in found.values()) > LARGEST:
            raise ValueError(f"its arrays are over {LARGEST >> 30} GB")
        arrays = {}
        for name, info in found.items():
            with archive.open(info) as file:
                _ensure_there(file, name, info.file_size)
            with archive.open(info) as file:
                arrays[name] = np.lib.format.read_array(file, allow_pickle=False)
    return arrays


def _ensure_there(file: IO[bytes], name: str, size: int) -> None:
    """Compare what an array says of itself with its size."""
    major, _ = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if major == 1 else np.lib.format.read_array_header_2_0
    shape, _, kind = read(file)
    if kind.hasobject:
        raise ValueError(f"'{name}' keeps Python objects in place of numbers")
    if math.prod(shape) * kind.itemsize > size - file.tell() or any(length < 0 for length in shape):
        raise ValueError(f"'{name}' claims to be {shape}, which is more than there is")
