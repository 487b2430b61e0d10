# SPDX-License-Identifier: GPL-3.0-or-later
"""Eased steps, runs of booleans, Gaussian windows."""

import numpy as np
import pytest

from facewright.inference.core.curves import gaussian_window, runs, smoothstep


def test_a_step_is_level_at_both_ends_and_keeps_the_type():
    values = np.array([-1, 0, 0.25, 0.5, 1, 2], np.float32)
    assert smoothstep(values).tolist() == [0, 0, 0.15625, 0.5, 1, 1]
    assert smoothstep(values).dtype == np.float32
    assert smoothstep(4 + 2 * values, 4, 6).tolist() == smoothstep(values).tolist()


@pytest.mark.parametrize(
    ("mask", "expected"),
    [([], []), ([False], []), ([True], [[0, 1]]), ([True, True, False, True], [[0, 2], [3, 4]]), ([0, 1, 0], [[1, 2]])],
)
def test_runs_have_a_begin_and_an_end(mask, expected):
    assert runs(np.array(mask)).tolist() == expected


def test_a_window_sums_to_one_and_is_even():
    window = gaussian_window(1.5, 4)
    assert window.shape == (9,) and window.sum() == pytest.approx(1)
    np.testing.assert_array_equal(window, window[::-1])
