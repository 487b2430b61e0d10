# SPDX-License-Identifier: GPL-3.0-or-later
"""FLAME pickles without running them: an unpickler that knows arrays and nothing else.

A pickle is a program (https://docs.python.org/3/library/pickle.html#restricting-globals). The names in the table at the
end are all that FLAME 2020, 2023 and 2023 Open need; each stands for a few lines of this file, so that neither NumPy's
own constructors nor SciPy nor chumpy ever run. Any other name ends the reading with an error that says which it was.
"""

from __future__ import annotations

import io
import math
import pickle
from typing import Any, ClassVar

import numpy as np

LARGEST_ARRAY = 2**29  # bytes; the largest of FLAME, shapedirs, has 48 million


class Refused(Exception):
    """The pickle asks for something that a FLAME file has no need of; the text says for what."""


class _DType:
    """A pickled numpy.dtype: a plain number type and its byte order."""

    def __init__(self, code: Any, *_: Any) -> None:
        self.code, self.order = code, "="

    def __setstate__(self, state: tuple) -> None:
        self.order = state[1] if state[1] in ("<", ">") else "="

    def resolve(self) -> np.dtype:
        if isinstance(self.code, type):
            raise Refused(f"numbers of the type {self.code!r}")
        dtype = np.dtype(self.order + str(self.code).lstrip("<>=|"))
        if dtype.kind not in "biuf" or dtype.itemsize > 16:
            raise Refused(f"an array of {dtype}, where only numbers belong")
        return dtype


class _NdArray:
    """The name numpy.ndarray; only `_Array` comes out of it."""


class _Array:
    """A pickled array: made empty, then given its state."""

    value: np.ndarray

    def __setstate__(self, state: tuple) -> None:
        shape, dtype, fortran, raw = state[-4:]
        self.value = _numbers(raw, dtype, shape, "F" if fortran else "C")


def _reconstruct(kind: Any, *_: Any) -> _Array:
    if kind is not _NdArray:
        raise Refused("an array of an unknown class")
    return _Array()


def _frombuffer(raw: Any, dtype: Any, shape: tuple, order: str, axes: tuple | None = None) -> np.ndarray:
    """As NumPy's: `axes` is how a mixed order ("K", from NumPy 2.3 on) was laid out."""
    found = _numbers(raw, dtype, shape, "F" if order == "F" else "C")
    return found if order != "K" or axes is None else found.transpose([int(axis) for axis in axes])


def _scalar(dtype: Any, raw: Any) -> Any:
    return _numbers(raw, dtype, (), "C")[()]


def _numbers(raw: Any, dtype: Any, shape: tuple, order: Any) -> np.ndarray:
    """An array of the given shape whose numbers are exactly those in `raw`."""
    if not isinstance(dtype, _DType):
        raise Refused("an array without a number type")
    kind = dtype.resolve()
    data = raw.encode("latin1") if isinstance(raw, str) else bytes(raw)  # Python 2 kept bytes in its strings
    sizes = tuple(int(n) for n in shape)
    if min(sizes, default=1) < 0 or math.prod(sizes) * kind.itemsize != len(data) or len(data) > LARGEST_ARRAY:
        raise Refused(f"an array of shape {sizes} from {len(data)} bytes")
    return np.frombuffer(data, kind).reshape(sizes, order=order).astype(kind.newbyteorder("="))


def _encode(text: str, encoding: str = "utf-8") -> bytes:
    """``_codecs.encode``, by which Python 3 writes bytes into old pickles."""
    if encoding not in ("latin1", "utf-8"):
        raise Refused(f"the encoding {encoding!r}")
    return text.encode(encoding)


class _Sparse:
    """scipy.sparse.csc_matrix: columns that list the rows they fill."""

    def __setstate__(self, state: dict) -> None:
        self.state = state

    @property
    def value(self) -> np.ndarray:
        """The whole matrix, zeros and all."""
        data, rows, starts = (array_of(self.state[key]) for key in ("data", "indices", "indptr"))
        height, width = (int(n) for n in self.state["_shape" if "_shape" in self.state else "shape"])
        if min(height, width) < 0 or height * width * 8 > LARGEST_ARRAY:
            raise Refused(f"a sparse matrix of shape {(height, width)}")
        if starts.shape != (width + 1,) or rows.shape != data.shape or data.ndim != 1:
            raise Refused(f"a sparse matrix of shape {(height, width)} with {len(data)} numbers")
        if (np.diff(starts) < 0).any() or starts[0] != 0 or starts[-1] != len(data):
            raise Refused("a sparse matrix whose columns overlap")
        if len(rows) and (rows.min() < 0 or rows.max() >= height):
            raise Refused("a sparse matrix with numbers outside it")
        dense = np.zeros((height, width))
        np.add.at(dense, (rows, np.repeat(np.arange(width), np.diff(starts))), data)
        return dense


class _Chumpy:
    """chumpy.ch.Ch: an array with the history of how it was computed, which is not needed."""

    def __setstate__(self, state: dict) -> None:
        self.state = state

    @property
    def value(self) -> np.ndarray:
        return array_of(self.state["x"])


def _set(*_: Any) -> tuple:
    """An empty stand-in for the sets in which chumpy keeps notes about its arrays; they are not needed."""
    return ()


class _Select(_Chumpy):
    """chumpy.reordering.Select: some numbers of another array, as the Max Planck Society's pickles keep slices."""

    @property
    def value(self) -> np.ndarray:
        chosen = array_of(self.state["a"]).ravel()[array_of(self.state["idxs"]).astype(np.int64)]
        return chosen.reshape(self.state.get("preferred_shape", chosen.shape))


class _Object:
    """The name object, which `_reconstructor` is given as a base."""


def _reconstructor(kind: Any, base: Any, state: Any) -> Any:
    if kind not in (_Sparse, _Chumpy, _Select) or base is not _Object or state is not None:
        raise Refused("an object of an unknown class")
    return kind()


_KNOWN: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): _NdArray,
    ("numpy", "dtype"): _DType,
    ("_codecs", "encode"): _encode,
    ("chumpy.ch", "Ch"): _Chumpy,
    ("chumpy.reordering", "Select"): _Select,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _frombuffer for core in ("core", "_core")},
    **{(f"scipy.sparse{module}", "csc_matrix"): _Sparse for module in ("", ".csc", "._csc")},
    **{(module, "_reconstructor"): _reconstructor for module in ("copy_reg", "copyreg")},
    **{(module, "object"): _Object for module in ("__builtin__", "builtins")},
    **{(module, "set"): _set for module in ("__builtin__", "builtins")},
}


class _Reader(pickle._Unpickler):  # the one in Python: the one in C gives room to whatever size a file claims
    dispatch: ClassVar[dict[int, Any]] = dict(pickle._Unpickler.dispatch)
    for _ask in (pickle.EXT1, pickle.EXT2, pickle.EXT4, pickle.PERSID, pickle.BINPERSID):
        del dispatch[_ask[0]]  # objects from registries of this process

    def _build(self) -> None:
        if type(self.stack[-2]) not in (_Array, _DType, _Sparse, _Chumpy, _Select):  # type: ignore[attr-defined]
            raise Refused("a state for something that is no array")
        self.load_build()  # type: ignore[attr-defined]

    dispatch[pickle.BUILD[0]] = _build

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise Refused(f"the Python name '{module}.{name}'") from None


def unpickle(data: bytes) -> Any:
    """What a pickle of plain values and arrays holds; arrays come out of `array_of`.

    Raises
    ------
    Refused
        When it names anything but arrays.
    pickle.UnpicklingError, EOFError, ...
        When it is damaged or no pickle: whatever damage leads to, so catch Exception.
    """
    return _Reader(io.BytesIO(data), encoding="latin1").load()


def array_of(value: Any) -> np.ndarray:
    """The array that an unpickled value is or stands for."""
    while isinstance(value, (_Array, _Sparse, _Chumpy)):
        value = value.value
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, (list, tuple)) and len(value) < 10_000 and all(isinstance(x, (int, float)) for x in value):
        return np.asarray(value)
    raise Refused(f"a {type(value).__name__} where an array belongs")
