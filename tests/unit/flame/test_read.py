# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading FLAME files: every kind that is around, nothing that runs, and a word of help for wrong ones."""

import io
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest
from support.flame_layout import flame_arrays
from support.flame_pickles import Chumpy, Select, Sparse, flame_2020, flame_open, pickled

from facewright.inference.core.errors import RigError
from facewright.inference.flame import landmarks
from facewright.inference.flame.model import FlameModel
from facewright.inference.flame.read import NAMES, read_arrays


def written(tmp_path, data, name="flame.pkl"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def npz(**changes):
    arrays = {name: flame_arrays()[name] for name in NAMES} | changes
    file = io.BytesIO()
    np.savez(file, **{name: array for name, array in arrays.items() if array is not None})
    return file.getvalue()


@pytest.mark.parametrize("make", [flame_2020, flame_open, npz])
def test_each_kind_of_file_gives_the_same_arrays(tmp_path, make):
    found = read_arrays(written(tmp_path, make()))
    for name in NAMES:
        np.testing.assert_allclose(found[name], flame_arrays()[name], rtol=0, atol=1e-12)


def test_what_scipy_and_numpy_pickle_themselves_is_read(tmp_path):
    sparse = pytest.importorskip("scipy.sparse", reason="needs SciPy, which only training has")
    arrays = flame_arrays() | {"J_regressor": sparse.csc_matrix(flame_arrays()["J_regressor"])}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        found = read_arrays(written(tmp_path, pickle.dumps(arrays, protocol)))
        np.testing.assert_allclose(found["J_regressor"], flame_arrays()["J_regressor"], atol=1e-15)
        np.testing.assert_array_equal(found["shapedirs"], flame_arrays()["shapedirs"])


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_numpy_pickles_of_every_protocol_are_read(tmp_path, protocol):
    found = read_arrays(written(tmp_path, pickle.dumps(flame_arrays(), protocol)))
    np.testing.assert_array_equal(found["weights"], flame_arrays()["weights"])


def test_a_slice_of_a_chumpy_array_is_read(tmp_path):
    weights = flame_arrays()["weights"]
    numbers = np.arange(weights.size, dtype=np.int64)
    sliced = Select(Chumpy(np.append(weights.ravel(), (7.0, 8.0))), numbers, weights.shape)
    found = read_arrays(written(tmp_path, pickled(flame_arrays() | {"weights": sliced})))
    np.testing.assert_array_equal(found["weights"], weights)
    sliced.state["idxs"] = numbers + 5
    with pytest.raises(RigError, match="damaged"):
        read_arrays(written(tmp_path, pickled(flame_arrays() | {"weights": sliced})))


class Runs:
    """Makes a file when it is unpickled by the usual means."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch '{self.path}'",)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_malicious_pickle_runs_nothing_and_is_named(tmp_path, protocol):
    mark = tmp_path / "ran"
    data = pickle.dumps(flame_arrays() | {"v_template": Runs(mark)}, protocol)
    with pytest.raises(RigError, match=r"the Python name '(posix|nt|os)\.system'.*Nothing of it was run"):
        read_arrays(written(tmp_path, data))
    assert not mark.exists()
    pickle.loads(data)
    assert mark.exists(), "this pickle is as harmful as it should be"


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("builtins.eval", b"cbuiltins\neval\n(V1\ntR."),
        ("builtins.getattr", b"\x80\x04\x8c\x08builtins\x8c\x07getattr\x93."),
        ("numpy.load", b"cnumpy\nload\n(Vx\ntR."),
        ("numpy.core.multiarray.fromfile", b"cnumpy.core.multiarray\nfromfile\n."),
        ("scipy.sparse.os.system", b"\x80\x04\x8c\x0cscipy.sparse\x8c\x09os.system\x93."),
        ("chumpy.utils.run", b"(ichumpy.utils\nrun\n."),
    ],
)
def test_every_other_name_is_refused(tmp_path, name, program):
    with pytest.raises(RigError, match=f"'{name}'"):
        read_arrays(written(tmp_path, program))


@pytest.mark.parametrize(
    "program",
    [
        b"cnumpy\nndarray\n}(Vx\nI1\nub.",  # a state for a class
        b"c_codecs\nencode\n(N}V__defaults__\nNstb.",  # attributes for a function
        b"ccopy_reg\n_reconstructor\n(cnumpy\ndtype\nc__builtin__\nobject\nNtR.",
        b"cnumpy.core.multiarray\n_reconstruct\n(c_codecs\nencode\n(I9\ntVb\ntR.",
    ],
)
def test_the_few_known_names_cannot_be_bent(tmp_path, program):
    with pytest.raises(RigError):
        read_arrays(written(tmp_path, program))


def test_sizes_that_a_file_only_claims_take_no_memory(tmp_path):
    claims = b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"x."
    with pytest.raises(RigError, match="damaged or cut off"):
        read_arrays(written(tmp_path, claims))
    state = (1, (10**6, 10**6), np.dtype("f8"), False, b"12345678")
    array = np.zeros(1).__reduce__()
    data = pickled({"v_template": Lies(array[0], array[1], state)}, 4)
    with pytest.raises(RigError, match="8 bytes"):
        read_arrays(written(tmp_path, data))
    wide = Sparse(np.eye(3))
    wide.state |= {"_shape": (10**6, 10**6), "indptr": np.zeros(4, np.int32)}
    with pytest.raises(RigError, match="sparse"):
        read_arrays(written(tmp_path, pickled(flame_arrays() | {"J_regressor": wide})))


class Lies:
    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return self.parts


def test_a_chumpy_object_that_holds_itself_ends(tmp_path):
    endless = Chumpy(None)
    endless.state["x"] = endless
    with pytest.raises(RigError, match="damaged"):
        read_arrays(written(tmp_path, pickled(flame_arrays() | {"v_template": endless})))


@pytest.mark.parametrize("cut", [1, 100, 1_000_000, 20_000_000])
def test_a_file_that_was_cut_off_says_so(tmp_path, cut):
    with pytest.raises(RigError, match="damaged or cut off"):
        read_arrays(written(tmp_path, flame_2020()[:cut]))
    with pytest.raises(RigError, match=r"damaged|neither"):
        read_arrays(written(tmp_path, npz()[:cut]))


def test_wrong_files_are_told_apart(tmp_path):
    smpl = flame_arrays() | {"v_template": np.zeros((6890, 3))}
    with pytest.raises(RigError, match=r"6890: that is SMPL \(a body\)"):
        read_arrays(written(tmp_path, pickled(smpl)))
    with pytest.raises(RigError, match="neither a pickle nor"):
        read_arrays(written(tmp_path, b"v 0 0 0\nf 1 2 3\n", "head.obj"))
    with pytest.raises(RigError, match="neither"):
        read_arrays(written(tmp_path, b""))
    with pytest.raises(RigError, match="holds a list"):
        read_arrays(written(tmp_path, pickled([1, 2])))
    with pytest.raises(RigError, match=r"has no f, shapedirs"):
        read_arrays(written(tmp_path, pickled({"v_template": np.zeros((5023, 3))})))
    with pytest.raises(RigError, match="Cannot read"):
        read_arrays(tmp_path / "nowhere.pkl")
    with pytest.raises(RigError, match="Cannot read"):
        read_arrays(tmp_path)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("FLAME2023/flame2023.pkl", b"x")
    with pytest.raises(RigError, match="Unpack it, and give 'FLAME2023/flame2023"):
        read_arrays(written(tmp_path, packed.getvalue(), "FLAME2023.zip"))
    with pytest.raises(RigError, match="keeps pickles in place of arrays"):
        read_arrays(written(tmp_path, npz(v_template=np.array([{}], object)), "a.npz"))
    with pytest.raises(RigError, match="has no weights"):
        read_arrays(written(tmp_path, npz(weights=None), "a.npz"))
    with pytest.raises(RigError, match="posedirs of shape"):
        read_arrays(written(tmp_path, npz(posedirs=np.zeros((5023, 3, 10))), "a.npz"))
    broken = flame_arrays()["v_template"].copy()
    broken[9, 1] = np.nan
    with pytest.raises(RigError, match="NaN"):
        read_arrays(written(tmp_path, npz(v_template=broken), "a.npz"))


def test_a_file_with_fewer_directions_is_split_where_the_user_says(tmp_path):
    few = flame_arrays()["shapedirs"][:, :, [*range(100), *range(300, 350)]]
    path = written(tmp_path, npz(shapedirs=few), "few.npz")
    with pytest.raises(RigError, match="say how many of them are identity"):
        FlameModel.load(path)
    model = FlameModel.load(path, identity=100)
    assert len(model.identity) == 100 and len(model.expression) == 50
    np.testing.assert_allclose(model.expression[0], flame_arrays()["shapedirs"][:, :, 300], atol=1e-8)


def test_identity_and_expression_are_split_after_300(tmp_path):
    model = FlameModel.load(written(tmp_path, npz(), "a.npz"))
    assert len(model.identity) == 300 and len(model.expression) == 100
    np.testing.assert_allclose(model.expression[3], flame_arrays()["shapedirs"][:, :, 303], atol=1e-8)


def test_vertices_in_another_order_are_refused():
    landmarks.check(flame_arrays()["v_template"])
    shuffled = np.random.default_rng(0).permutation(flame_arrays()["v_template"])
    with pytest.raises(RigError, match="own order of vertices"):
        landmarks.check(shuffled)
