# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of the FLAME-like model as Python 2 with chumpy and SciPy pickled FLAME 2020, and as newer Python does."""

import io
import pickle
import struct

import numpy as np

from .flame_layout import flame_arrays


class Chumpy:
    """Pickles as chumpy.ch.Ch does: an old-style object with its array as ``x``."""

    MODULE, NAME = "chumpy.ch", "Ch"

    def __init__(self, array):
        self.state = {"x": array, "_dirty_vars": set(), "_itr": None}


class Select:
    """Pickles as a slice of a chumpy array does."""

    MODULE, NAME = "chumpy.reordering", "Select"

    def __init__(self, array, numbers, shape):
        self.state = {"a": array, "idxs": numbers, "preferred_shape": shape}


class Sparse:
    """Pickles as scipy.sparse.csc_matrix does."""

    MODULE, NAME = "scipy.sparse.csc", "csc_matrix"

    def __init__(self, dense):
        rows, columns = np.nonzero(dense.T)[::-1]
        starts = np.searchsorted(columns, np.arange(dense.shape[1] + 1)).astype(np.int32)
        self.state = {"_shape": dense.shape, "maxprint": 50, "indices": rows.astype(np.int32)}
        self.state |= {"indptr": starts, "data": dense[rows, columns], "format": "csc"}


class _Pickler(pickle._Pickler):
    """Writes names of classes that are not installed here, and bytes as Python 2 did where the protocol is 2."""

    dispatch = {**pickle._Pickler.dispatch}  # noqa: RUF012

    def _stranger(self, obj):
        if self.proto == 2:
            self.write(b"ccopy_reg\n_reconstructor\n")
            self.write(b"(c%s\n%s\nc__builtin__\nobject\nNtR" % (obj.MODULE.encode(), obj.NAME.encode()))
        else:
            self.write(b"c%s\n%s\n)\x81" % (obj.MODULE.encode(), obj.NAME.encode()))
        self.memoize(obj)
        self.save(obj.state)
        self.write(pickle.BUILD)

    def _bytes(self, obj):
        if self.proto != 2:
            return self.save_bytes(obj)
        self.write(pickle.BINSTRING + struct.pack("<i", len(obj)) + obj)
        self.memoize(obj)

    dispatch[Chumpy] = dispatch[Select] = dispatch[Sparse] = _stranger
    dispatch[bytes] = _bytes


def pickled(held, protocol=2):
    """The bytes of a pickle, as Python 2 wrote them (2) or newer ones do."""
    file = io.BytesIO()
    _Pickler(file, protocol).dump(held)
    return file.getvalue()


def flame_2020():
    """A pickle from Python 2 with chumpy arrays and a sparse regressor."""
    arrays = dict(flame_arrays())
    arrays |= {name: Chumpy(arrays[name]) for name in ("v_template", "shapedirs", "posedirs", "weights")}
    return pickled(arrays | {"J_regressor": Sparse(arrays["J_regressor"])}, 2)


def flame_open():
    """A pickle from Python 3 with plain arrays and a sparse regressor."""
    arrays = dict(flame_arrays())
    sparse = Sparse(arrays["J_regressor"])
    sparse.MODULE = "scipy.sparse._csc"
    return pickled(arrays | {"J_regressor": sparse}, 5)
