# SPDX-License-Identifier: GPL-3.0-or-later
"""Several lines merged into a curve at once: the same as one after the other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facewright.inference.keys import reduce
from facewright.inference.keys.merge import merge
from facewright.inference.keys.records import KEY, LINEAR, frames, records, split_at

NOTHING = np.zeros(0, KEY)
SPANS = [(10.0, 30.0), (31.0, 50.0), (70.0, 90.0)]


def line(span, seed):
    at = np.arange(span[0], span[1] + 1)
    values = np.random.default_rng(seed).random((len(at), 1))
    return records(reduce.reduce_keys(at, values, 0.0, smooth=False)[0])


def lines(seed):
    return [line(span, seed + number) for number, span in enumerate(SPANS)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["delete", "change", "add"])), max_size=6),
    st.permutations(range(3)),
)
def test_lines_at_once_are_lines_one_after_the_other(work, order):
    first = lines(0)
    now = done = merge(NOTHING, np.concatenate(first), spans=SPANS)
    keys = now.keys.copy()
    for place, what in work:
        if what == "delete":
            keys = np.delete(keys, place % len(keys))
        elif what == "change":
            keys["co"][place % len(keys), 1] += 0.5
        else:
            new = keys[place % len(keys) : place % len(keys) + 1].copy()
            new["co"][0, 0] += 0.37
            keys = np.insert(keys, place % len(keys) + 1, new)
    again = lines(10)
    together = merge(keys, np.concatenate(again), done.baked, spans=SPANS)
    apart, base = keys, done.baked
    for number in order:
        step = merge(apart, again[number], base, spans=[SPANS[number]])
        apart, base = step.keys, step.baked
    np.testing.assert_array_equal(together.keys["co"], apart["co"])
    np.testing.assert_array_equal(together.baked["co"], base["co"])
    np.testing.assert_array_equal(together.baked["type"], base["type"])


def test_keys_where_nothing_was_baked_are_replaced_and_those_beside_are_edits():
    before = merge(NOTHING, line(SPANS[0], 1), spans=SPANS[:1])
    keys = before.keys.copy()
    keys["co"][5, 1] = 7.0  # changed by hand, in a line that was baked
    own = line((75.0, 80.0), 2)
    new = np.concatenate([line(SPANS[0], 3), line(SPANS[2], 4)])
    done = merge(np.concatenate([keys, own]), new, before.baked, spans=[SPANS[0], SPANS[2]], first=[SPANS[2]])
    expected = new["co"].copy()
    expected[5, 1] = 7.0
    np.testing.assert_array_equal(done.keys["co"], expected)
    assert done.kept == 1
    again = merge(done.keys, new, done.baked, spans=[SPANS[0], SPANS[2]])
    assert again.kept == 1  # what was replaced is no edit later on, either


@pytest.mark.parametrize("cuts", [(20.0,), (20.0, 60.0), (60.0, 20.0)])
def test_a_key_cut_into_a_straight_line_has_handles_on_it(cuts):
    keys = records(reduce.Keys(np.array([1.0, 101.0]), np.array([0.0, 10.0]), np.zeros(2), False))
    assert (keys["interpolation"] == LINEAR).all()
    for frame in cuts:
        keys = split_at(keys, frame)
    inner = keys[1:-1]
    for field in ("co", "handle_left", "handle_right"):
        np.testing.assert_allclose(inner[field][:, 1], (inner[field][:, 0] - 1) / 10, atol=1e-5)
    around = frames(keys)
    assert (inner["handle_left"][:, 0] > around[:-2]).all() and (inner["handle_right"][:, 0] < around[2:]).all()
