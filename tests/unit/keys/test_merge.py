# SPDX-License-Identifier: GPL-3.0-or-later
"""Three-way merge of keys: whatever an artist may do to a baked curve is still there after the next bake."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facewright.inference.keys import records as fcurve
from facewright.inference.keys import reduce
from facewright.inference.keys.merge import EVERYWHERE, merge
from facewright.inference.keys.records import KEY, frames, pack, records, shape_only, split_at, unpack
from facewright.inference.keys.reduce import Keys

NOTHING = np.zeros(0, KEY)


def baked(seed, count=40, first=1, smooth=False):
    values = np.random.default_rng(seed).random((count, 1))
    return records(reduce.reduce_keys(np.arange(first, first + count), values, 0.0, smooth=smooth)[0])


def curve(keys):
    return {round(float(f), 3): float(v) for f, v in keys["co"]}


@pytest.fixture(params=[False, True], ids=["linear", "bezier"])
def pair(request):
    return baked(1, smooth=request.param), baked(2, smooth=request.param)


def test_first_bake_writes_everything(pair):
    _, new = pair
    done = merge(NOTHING, new)
    assert np.array_equal(done.keys, new)
    assert np.array_equal(done.baked, new)
    assert done.kept == 0


def test_untouched_keys_are_replaced(pair):
    base, new = pair
    done = merge(base, new, base)
    assert np.array_equal(done.keys, new)
    assert done.kept == 0


def test_a_changed_key_stays(pair):
    base, new = pair
    now = base.copy()
    now["co"][20, 1] = 0.123
    done = merge(now, new, base)
    assert curve(done.keys) == curve(new) | {21.0: pytest.approx(0.123)}
    assert done.kept == 1


def test_a_change_survives_again_and_again(pair):
    base, new = pair
    now = base.copy()
    now["co"][20, 1] = 0.123
    for seed in range(3, 8):
        done = merge(now, new, base)
        now, base, new = done.keys, done.baked, baked(seed)
        assert curve(now)[21.0] == pytest.approx(0.123)
        assert done.kept == 1


def test_a_moved_key_stays_where_it_was_put_and_its_old_place_stays_empty(pair):
    base, new = pair
    now = base.copy()
    now["co"][20, 0] = 21.4
    done = merge(now, new, base)
    assert 21.0 not in curve(done.keys)
    assert curve(done.keys)[21.4] == pytest.approx(float(base["co"][20, 1]))
    assert len(done.keys) == 40
    assert done.kept == 1


def test_an_added_key_stays(pair):
    base, new = pair
    extra = base[:1].copy()
    extra["co"] = [[10.5, 0.7]]
    done = merge(np.insert(base, 10, extra), new, base)
    assert curve(done.keys)[10.5] == pytest.approx(0.7)
    assert done.kept == 1


def test_deleted_keys_stay_deleted(pair):
    base, new = pair
    done = merge(np.delete(base, slice(10, 15)), new, base)
    assert not {11.0, 12.0, 13.0, 14.0, 15.0} & set(curve(done.keys))
    assert len(done.keys) == 35
    assert done.kept == 5
    again = merge(done.keys, baked(3), done.baked)
    assert (len(again.keys), again.kept) == (35, 5)


def test_a_curve_that_was_emptied_stays_empty(pair):
    base, new = pair
    done = merge(NOTHING, new, base)
    assert len(done.keys) == 0
    assert done.kept == 40


def test_a_change_of_handle_or_interpolation_is_an_edit():
    base, new = baked(1, smooth=True), baked(2, smooth=True)
    now = base.copy()
    now["handle_right"][5, 1] += 0.05
    now["interpolation"][8] = fcurve.CONSTANT
    done = merge(now, new, base)
    assert done.kept == 2
    assert done.keys["interpolation"][8] == fcurve.CONSTANT
    assert done.keys["handle_right"][5, 1] == now["handle_right"][5, 1]


def test_keys_moved_in_time_all_together_are_no_edit(pair):
    base, new = pair
    now = base.copy()
    for field in ("co", "handle_left", "handle_right"):
        now[field][:, 0] += 12
    assert merge(now, new, base).kept == 0


def test_a_sparse_edit_has_territory_halfway_to_its_neighbours():
    base = baked(1)[[0, 10, 20, 30, 39]]
    now = base.copy()
    now["co"][2, 1] = 5.0
    done = merge(now, baked(2), base)
    assert [frame for frame in curve(done.keys) if 15 < frame < 27] == [21.0]
    assert {15.0, 27.0} <= set(curve(done.keys))


def test_locked_ranges_stay(pair):
    base, new = pair
    now = base.copy()
    now["co"][12, 1] = 0.9
    done = merge(now, new, base, locked=[(10, 20)])
    inside = (frames(done.keys) >= 10) & (frames(done.keys) <= 20)
    assert np.array_equal(done.keys[inside]["co"], now[9:20]["co"])
    assert np.array_equal(done.keys[~inside]["co"], np.delete(new["co"], slice(9, 20), axis=0))
    assert done.kept == 0
    unlocked = merge(done.keys, baked(3), done.baked)
    assert unlocked.kept == 1
    assert curve(unlocked.keys)[13.0] == pytest.approx(0.9)


def test_a_range_that_ends_within_a_lock_puts_no_key_there(pair):
    base, new = pair
    now = np.delete(base, 14)  # frame 15
    done = merge(now, new[4:15], base, spans=[(5, 15)], locked=[(10, 20)])
    assert 15.0 not in frames(done.keys)
    assert np.array_equal(done.keys["co"][4:9], new["co"][4:9])


def test_a_lock_holds_in_a_curve_that_was_never_baked(pair):
    hand, new = pair
    done = merge(hand, new, None, locked=[(10, 20)])
    assert np.array_equal(done.keys["co"][9:20], hand["co"][9:20])
    again = merge(done.keys, baked(3), done.baked)  # unlocked: hand-made keys are still the artist's
    assert np.array_equal(again.keys["co"][9:20], hand["co"][9:20])


def test_only_the_span_changes(pair):
    base, new = pair
    inside = new[(frames(new) >= 10) & (frames(new) <= 20)]
    done = merge(base, inside, base, spans=[(10, 20)])
    expected = base["co"].copy()
    expected[9:20] = new["co"][9:20]
    np.testing.assert_array_equal(done.keys["co"], expected)
    assert merge(done.keys, baked(3), done.baked).kept == 0


def test_what_is_left_of_a_longer_bake_goes_but_not_edits():
    base, new = baked(1, 60), baked(2, 30)
    now = base.copy()
    now["co"][50, 1] = 3.0
    done = merge(now, new, base)
    assert list(curve(done.keys)) == [*range(1, 31), 51.0]
    assert len(merge(now, new, base, spans=[(1, 30)]).keys) == 60


def bezier_at(keys, at):
    """Blender's evaluation of a curve of Bezier keys, by bisection."""
    right = min(int(np.searchsorted(frames(keys), at, side="right")), len(keys) - 1)
    a, b = keys[right - 1], keys[right]
    points = np.array([a["co"], a["handle_right"], b["handle_left"], b["co"]], float)
    low, high = 0.0, 1.0
    for _ in range(60):
        t = (low + high) / 2
        weights = np.array([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3])
        low, high = (t, high) if points[:, 0] @ weights < at else (low, t)
    return points[:, 1] @ weights


def test_cutting_a_bezier_curve_keeps_its_shape():
    keys = baked(5, 4, smooth=True)
    keys["co"][:, 0] = [1, 11, 30, 41]
    keys["handle_right"] = keys["co"] + [4, 0.5]
    keys["handle_left"] = keys["co"] - [3, 0.2]
    cut_twice = split_at(split_at(keys, 17.25), 20)
    assert len(cut_twice) == 6
    for at in np.linspace(1.5, 40.5, 50):
        assert bezier_at(cut_twice, at) == pytest.approx(bezier_at(keys, at), abs=2e-6)
    assert len(split_at(keys, 11)) == len(split_at(keys, 50)) == len(split_at(keys, 0)) == 4


def test_around_a_span_the_curve_keeps_its_shape():
    hand = baked(5, 4, smooth=True)
    hand["co"][:, 0] = [1, 11, 30, 41]
    hand["handle_right"], hand["handle_left"] = hand["co"] + [3, 0.5], hand["co"] - [3, 0.2]
    inside = baked(2, 11, first=15)
    inside["co"][[0, -1], 1] = [bezier_at(hand, 15), bezier_at(hand, 25)]  # blended
    done = merge(hand, inside, None, spans=[(15, 25)])
    for at in (2, 9, 12, 14.5, 25.5, 28, 33):
        assert bezier_at(done.keys, at) == pytest.approx(bezier_at(hand, at), abs=2e-6)
    assert np.array_equal(done.keys["co"][[0, 1, -2, -1]], hand["co"])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_whatever_is_done_to_keys_is_kept(data):
    """Any mixture of changes, moves, additions and deletions: those keys are there, the deleted ones are not."""
    base, new = baked(1), baked(data.draw(st.integers(2, 50)))
    spots = st.sets(st.integers(0, 39), max_size=12)
    changed, deleted, added = data.draw(spots), data.draw(spots), data.draw(spots)
    changed -= deleted
    now = base.copy()
    now["co"][sorted(changed), 1] += 2.0
    extra = base[sorted(added)].copy()
    extra["co"] += [0.3, 3.0]
    now = np.delete(now, sorted(deleted))
    now = np.concatenate([now, extra])
    now = now[np.argsort(frames(now))]
    done = merge(now, new, base)
    held = curve(done.keys)
    assert all(held[i + 1.0] == pytest.approx(float(base["co"][i, 1]) + 2) for i in changed)
    assert all(held[round(i + 1.3, 3)] == pytest.approx(float(base["co"][i, 1]) + 3) for i in added)
    assert not {i + 1.0 for i in deleted} & set(held)
    assert np.array_equal(np.sort(frames(done.keys)), frames(done.keys))
    quiet = [i for i in range(40) if i not in changed | deleted and not {i, i - 1} & added]
    assert all(held[i + 1.0] == pytest.approx(float(new["co"][i, 1])) for i in quiet)
    assert (done.kept > 0) == bool(changed | deleted | added)


def test_keys_survive_packing():
    curves = {'1|0|key_blocks["Zoë"].value': baked(1, smooth=True), "0|2|rotation_euler": NOTHING}
    back = unpack(pack(curves))
    assert list(back) == list(curves)
    assert all(np.array_equal(back[name], curves[name]) for name in curves)
    with pytest.raises(ValueError, match="packed keys"):
        unpack(b"something else")


def test_a_million_keys_are_remembered_in_few_bytes(pair):
    _, one = pair
    values = np.random.default_rng(0).random((20000, 50)).cumsum(axis=0)
    curves = {
        str(n): shape_only(records(keys))
        for n, keys in enumerate(reduce.reduce_keys(np.arange(20000), values, 0.0, smooth=False))
    }
    assert len(pack(curves)) < 5e6
    assert merge(one, baked(3), shape_only(one)).kept == 0


def test_nothing_at_all_can_be_packed():
    assert unpack(pack({})) == {}


def test_a_single_key_becomes_a_record():
    one = Keys(np.array([3.0]), np.array([0.5]), np.zeros(1), True)
    assert curve(records(one)) == {3.0: 0.5}
    assert len(merge(records(one), baked(1), records(one), spans=[EVERYWHERE]).keys) == 40
