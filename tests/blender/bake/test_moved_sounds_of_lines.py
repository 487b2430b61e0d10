# SPDX-License-Identifier: GPL-3.0-or-later
"""Several lines whose sounds were moved: all keys go along at once, and no key of the artist's is lost on the way."""

import bpy
import numpy as np
import pytest
from support.bakes import snapshot
from support.characters import JAW
from support.made_takes import add_line

from facewright.addon.bake import bake, influences, worked
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions, nla
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.addon.takes import lines
from facewright.inference.core.errors import FacewrightError

pytestmark = pytest.mark.arithmetic

BEGINS = (1, 72, 143)
BEFORE, AFTER = 6, 55  # frames from a line's begin to its first and its last key: two seconds, and the eases
LEAD = 6  # frames in which a line leaves what is there
FAR = {-400.0: 0.41, 700.0: 0.43}  # keys of the artist's outside of all lines


def say(scene, root, begins=BEGINS):
    for number, frame in enumerate(begins):
        add_line(scene, root, number, frame)
    return character.find(bpy.context.object, scene)


def bake_each(scene, who, **mode):
    for line in list(lines.items(who.root)):
        lines.choose(who.root, line)
        bake.bake(scene, who, Mode(**mode))


def bake_at_once(scene, who, **mode):
    bake.bake_lines(scene, who, Mode(**mode))


def drag(root, *by):
    """Move the sounds of lines, each by as many frames."""
    for line, frames in zip(list(lines.items(root)), by, strict=True):
        lines.choose(root, line)
        root.facewright.frame += frames


def findings(scene, face):
    return [one for one in inspection.inspect(scene, character.find(face, scene)) if one.check == "sound_moved"]


def mend(scene, face):
    return inspection.mend(scene, character.find(face, scene), "sound_moved")


def home_of(face):
    return nla.additive_home(face.data.shape_keys) or actions.slot_in_use(face.data.shape_keys)


def keys_of(face):
    """All keys of a face, by curve: frame to value."""
    return {
        one.data_path: dict(actions.read(one)["co"].astype(float).tolist()) for one in home_of(face).existing_fcurves
    }


def put(face, keys):
    """Keys of the artist's on the jaw: frame to value; None deletes the key that is there."""
    one = next(one for one in home_of(face).existing_fcurves if one.data_path == JAW)
    for frame, value in keys.items():
        there = next((key for key in one.keyframe_points if abs(key.co.x - frame) < 0.01), None)
        if value is None:
            one.keyframe_points.remove(there)
        elif there is None:
            one.keyframe_points.insert(frame, value)
        else:
            there.co.y = value
    one.update()


def edits_of(begins):
    """In each line a key that is changed, one that is deleted, and one that is added between frames."""
    return {
        frame: value
        for number, begin in enumerate(begins)
        for frame, value in ((begin + 20, 0.9 + number / 100), (begin + 25, None), (begin + 30.5, 0.8 + number / 100))
    }


def gone_along(keys, by, begins=BEGINS):
    """The keys of a curve with those of each line as many frames later."""
    moved = {}
    for frame, value in keys.items():
        line = next((n for n, begin in enumerate(begins) if begin - BEFORE <= frame <= begin + AFTER), None)
        moved[frame + (0 if line is None else by[line])] = value
    return moved


def same_keys(now, then):
    assert now.keys() == then.keys()
    for path, keys in then.items():
        at, values = (np.array(sorted(one.items())) for one in (now[path], keys))
        assert at.shape == values.shape, path
        np.testing.assert_allclose(at, values, atol=2e-4, err_msg=path)


MOVES = [
    (50, 50, 50),
    (-50, -50, -50),
    (7, 7, 7),
    (71, -71, 0),
    (71, 71, -142),
    (142, 0, -142),
    (0, 200, 40),
    (-90, 3, 66),
]
FEW = {"keys": "SPARSE", "interpolation": "BEZIER"}


@pytest.mark.parametrize(
    ("by", "baked", "mode"),
    [
        *((by, bake_each, {}) for by in MOVES),
        *((by, bake_at_once, FEW) for by in MOVES[4:6]),
        *((by, bake_at_once, {"into": "ADDITIVE"}) for by in MOVES[4:6]),
    ],
    ids=lambda one: getattr(one, "__name__", str(one)),
)
def test_lines_change_places_with_all_their_keys(face, scene, by, baked, mode):
    who = say(scene, face.parent)
    baked(scene, who, **mode)
    put(face, FAR)
    if "keys" not in mode:
        put(face, edits_of(BEGINS))
    before, worked_in = keys_of(face), worked.since_bake(home_of(face).action)
    drag(who.root, *by)
    assert len(findings(scene, face)) == np.count_nonzero(by)
    assert mend(scene, face) == []
    after = keys_of(face)
    same_keys(after, {path: gone_along(keys, by) for path, keys in before.items()})
    assert worked.since_bake(home_of(face).action) == worked_in
    assert findings(scene, face) == []
    for begin, way in zip(BEGINS, by, strict=True):
        assert after[JAW][begin + way - BEFORE] == after[JAW][begin + way + AFTER] == 0
    baked(scene, who, **mode)
    kept = {frame: value for frame, value in before[JAW].items() if value in FAR.values() or value > 0.79}
    for frame, value in gone_along(kept, by).items() if "keys" not in mode else ():
        assert keys_of(face)[JAW][frame] == pytest.approx(value), "the next bake knows the edits still"


def test_a_line_lands_on_one_that_stays(face, scene):
    """The one that begins later lies over the other; all keys of the artist's are where they were, or went along."""
    who = say(scene, face.parent, BEGINS[:2])
    bake_each(scene, who)
    own = {BEGINS[1] + 20: 0.92, 200.0: 0.5, 40.0: 0.81, 20.0: 0.83}
    put(face, own)
    before = keys_of(face)[JAW]
    drag(who.root, 55, 0)
    (said,) = mend(scene, face)
    assert said == "A line now lies over keys of yours (2 on a curve), which are kept."
    now = keys_of(face)[JAW]
    assert [now[frame] for frame in (BEGINS[1] + 20, 200.0, 95.0, 75.0)] == pytest.approx([0.92, 0.5, 0.81, 0.83])
    first, last = BEGINS[1] - BEFORE, BEGINS[1] + AFTER
    assert [frame for frame in now if first <= frame <= last] == [frame for frame in before if first <= frame <= last]
    for frame in range(BEGINS[0] + 55 - BEFORE, first):
        assert now[frame] == pytest.approx(before[frame - 55]), "before the other line begins it is as it was"
    assert now[first] == pytest.approx(before[first - 55]), "which takes over from there"
    for frame in set(range(first + LEAD, last + 1)) - {75, 95}:
        assert now[frame] == pytest.approx(before[frame], abs=1e-6), "and goes on as it was"
    drag(who.root, 300, 0)
    mend(scene, face)
    now = keys_of(face)[JAW]
    for frame in set(range(first, last + 1)) - {75, 95}:
        assert now[frame] == pytest.approx(before[frame], abs=1e-6), "and is whole when the first line has gone again"
    assert now[200.0] == pytest.approx(0.5)


def test_a_key_of_the_artists_beside_all_lines_stays_there(face, scene):
    who = say(scene, face.parent, BEGINS[:1])
    bake_each(scene, who)
    put(face, {100.0: 0.5, 20.0: 0.9})
    before = keys_of(face)[JAW]
    for by in (70, 20, -90):
        drag(who.root, by)
        said = mend(scene, face)
        assert ("lies over 1 key of yours" in " ".join(said)) == (by != -90)
        assert keys_of(face)[JAW][100.0] == 0.5
    after = keys_of(face)[JAW]
    assert {frame: after.get(frame) for frame in before if frame not in (30.0, 10.0)} == {
        frame: value for frame, value in before.items() if frame not in (30.0, 10.0)
    }, "a key of the line went only where the artist's lay"


def test_two_keys_of_the_artists_that_meet_on_a_frame_are_both_in_the_file(face, scene):
    who = say(scene, face.parent, BEGINS[:2])
    bake_each(scene, who)
    put(face, {20.0: 0.91, 90.0: 0.92})
    before = keys_of(face)
    drag(who.root, 70, 0)
    said = " ".join(mend(scene, face))
    (copy,) = (action for action in bpy.data.actions if f"'{action.name}' is a copy as it was" in said)
    assert copy.use_fake_user
    kept = {one.data_path: dict(actions.read(one)["co"].astype(float).tolist()) for one in curves_in(copy, face)}
    assert kept == before


def curves_in(action, face):
    return actions.SlotRef(face.data.shape_keys, action, home_of(face).slot).existing_fcurves


def test_lines_that_were_joined_come_and_go_from_rest_when_they_part(face, scene):
    who = say(scene, face.parent, (1, 59))  # the second begins while the first ends
    bake_at_once(scene, who)
    before = keys_of(face)[JAW]
    drag(who.root, -100, 30)
    mend(scene, face)
    now = keys_of(face)[JAW]
    for begin, by in ((1, -100), (59, 30)):
        assert now[begin + by - BEFORE] == pytest.approx(0, abs=1e-6)
        assert now[begin + by + AFTER] == pytest.approx(0, abs=1e-6)
        assert min(now.values()) > -1e-6
        for frame in range(begin + LEAD + 3, begin + AFTER - LEAD - 3):
            assert now[frame + by] == pytest.approx(before[frame], abs=1e-6)


def test_a_locked_line_stays_and_the_check_says_so(face, scene):
    who = say(scene, face.parent)
    bake_each(scene, who)
    lines.items(who.root)[1].lock = True
    before = keys_of(face)
    drag(who.root, 300, 300, 300)
    found = findings(scene, face)
    assert [one.mend for one in found] == ["Move Keys Along", "", "Move Keys Along"]
    assert f"as line '{lines.items(who.root)[1].name}' is locked" in found[1].text
    mend(scene, face)
    same_keys(keys_of(face), {path: gone_along(keys, (300, 0, 300)) for path, keys in before.items()})
    with pytest.raises(FacewrightError, match="is locked"):
        mend(scene, face)
    lines.items(who.root)[1].lock = False
    mend(scene, face)
    same_keys(keys_of(face), {path: gone_along(keys, (300, 300, 300)) for path, keys in before.items()})


def test_no_line_is_laid_over_a_locked_one(face, scene):
    who = say(scene, face.parent)
    bake_each(scene, who)
    lines.items(who.root)[1].lock = True
    drag(who.root, 40, 0, 500)
    before = snapshot()
    with pytest.raises(FacewrightError, match="lies over the keys of line"):
        mend(scene, face)
    assert snapshot() == before


def test_strips_of_poses_change_places(puppet, scene):
    who = say(scene, puppet)
    bake_each(scene, who, into="STRIPS")

    def now():
        found = {pose: influences.influence(puppet, pose) for pose in influences.laid(puppet)}
        return {pose: dict(actions.read(one)["co"].astype(float).tolist()) for pose, one in found.items() if one}

    before = now()
    assert len(before) > 3
    drag(puppet, 71, 71, -142)
    mend(scene, puppet)
    same_keys(now(), {pose: gone_along(keys, (71, 71, -142)) for pose, keys in before.items()})
