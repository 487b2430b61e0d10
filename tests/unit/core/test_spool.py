# SPDX-License-Identifier: GPL-3.0-or-later
"""Long arrays in a temporary file are the arrays that were written, and take no memory once they are let go of."""

import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from facewright.inference.core.errors import FacewrightError
from facewright.inference.core.spool import HELD, Spool, blocks, is_finite, release


def filled(rows: int, columns: int | None = None) -> tuple[Spool, np.ndarray]:
    shape = (rows,) if columns is None else (rows, columns)
    values = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    spool = Spool(columns)
    for begin in range(0, rows, 1234):
        spool.append(values[begin : begin + 1234])
    return spool, values


@pytest.mark.parametrize("rows", [1, 5000, HELD // 4 + 5000])
def test_what_was_appended_comes_back(rows):
    spool, values = filled(rows)
    array = spool.array()
    assert np.array_equal(array, values)
    release(array)
    assert np.array_equal(array, values)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_rows_with_columns_come_back(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool, values = filled(HELD // 4 // 76 + 100, 76)
    assert np.array_equal(np.concatenate(list(blocks(spool.array(), 999))), values)
    assert list(tmp_path.iterdir()) == []  # nobody has to clear up after a crash


@pytest.mark.skipif(sys.platform != "linux", reason="reads its own memory from /proc")
def test_an_array_that_was_let_go_of_takes_no_memory():
    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

    spool, _ = filled(4 * HELD // 4)
    array = spool.array()
    before = resident()
    assert is_finite(array)
    assert resident() - before < HELD / 4
    array.sum()
    assert resident() - before > 2 * HELD
    release(array[:, None].reshape(-1, 2)[5:])  # views let go of what they are views of
    assert resident() - before < HELD / 4


def test_infinity_is_found_wherever_it_is():
    values = np.zeros((3_000_000,), np.float32)
    assert is_finite(values) and is_finite(values.reshape(-1, 3))
    values[-1] = np.inf
    assert not is_finite(values) and not is_finite(values.reshape(-1, 3))


def test_a_disk_without_room_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(FacewrightError, match="shorter part"):
        filled(HELD // 4 + 5000)
