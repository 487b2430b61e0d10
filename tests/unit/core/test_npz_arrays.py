# SPDX-License-Identifier: GPL-3.0-or-later
"""Archives of strangers: nothing is allocated that is not there."""

import io
import zipfile

import numpy as np
import pytest

from facewright.inference.core.npz_arrays import arrays_of, names_in


def archive(path, **texts) -> None:
    """An archive with these bytes as its members."""
    with zipfile.ZipFile(path, "w") as file:
        for name, content in texts.items():
            file.writestr(f"{name}.npy", content)


def claimed(shape) -> bytes:
    """The beginning of an array that claims to be of this shape, and a few numbers."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": shape})
    return head.getvalue() + bytes(400)


def test_what_numpy_wrote_is_read(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", one=np.arange(6.0).reshape(2, 3), two=np.array("text"))
    assert names_in(tmp_path / "a.npz") == ("one", "two")
    found = arrays_of(tmp_path / "a.npz", ["one", "three"])
    assert list(found) == ["one"]
    np.testing.assert_array_equal(found["one"], np.arange(6.0).reshape(2, 3))
    assert str(arrays_of(tmp_path / "a.npz")["two"]) == "text"


@pytest.mark.parametrize("shape", [(10**9, 100), (101,), (10**18,)])
def test_an_array_that_claims_more_than_there_is_is_refused(tmp_path, shape):
    archive(tmp_path / "a.npz", one=claimed(shape))
    with pytest.raises(ValueError, match="more than there is"):
        arrays_of(tmp_path / "a.npz")


def test_objects_are_refused(tmp_path):
    np.savez(tmp_path / "a.npz", one=np.array([{}, []], dtype=object))
    with pytest.raises(ValueError, match="Python objects"):
        arrays_of(tmp_path / "a.npz")
