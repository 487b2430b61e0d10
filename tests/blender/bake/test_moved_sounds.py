# SPDX-License-Identifier: GPL-3.0-or-later
"""A sound that is moved or retimed after the bake: its keys go after it by one button, edits and memory with them."""

import bpy
import numpy as np
import pytest
from support import listening
from support.bakes import edit, hand_animate, snapshot
from support.characters import JAW, curve, held, random_motion
from support.strips import move, retime, trim

from facewright.addon.bake import bake, influences, unbake, worked
from facewright.addon.bake.mode import Mode
from facewright.addon.blender import actions, nla, strips
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.addon.takes import store
from facewright.inference.core.errors import FacewrightError

pytestmark = pytest.mark.arithmetic

SECONDS = 4.0


@pytest.fixture
def sound(tmp_path, scene):
    return listening.write_clicks(tmp_path / "clicks.wav")


def in_file(who, scene, sound):
    """The character speaks a file, whose start the artist moves."""
    settings = who.root.facewright
    settings.filepath = str(sound)
    store.add(who.root, [store.Take(random_motion(200), Speech(str(sound)), 1, "CPU")])

    def by(frames):
        settings.frame += frames

    return by


def in_strip(who, scene, sound):
    """The character speaks a strip, which the artist drags."""
    listening.need_sound(scene, sound)
    strip = listening.strips_of(scene).new_sound("line", str(sound), 1, 1)
    settings = who.root.facewright
    settings.source, settings.strip = "STRIP", "line"
    store.add(who.root, [store.Take(random_motion(200), Speech(str(sound), 0.0, SECONDS, 1.0, "line"), 1, "CPU")])

    def by(frames):
        move(strip, strips.extent(strip)[0] + frames)

    return by


def bake_take(scene, who, **mode):
    return bake.bake(scene, who, Mode(**mode))


def findings(scene, face):
    found = inspection.inspect(scene, character.find(face, scene))
    return [one.text for one in found if one.check == "sound_moved"]


def mend():
    assert bpy.ops.facewright.mend(check="sound_moved") == {"FINISHED"}


def home_of(face):
    return nla.additive_home(face.data.shape_keys) or actions.slot_in_use(face.data.shape_keys)


def keys_of(home):
    """All keys of a place, by curve: frames and values."""
    return {one.data_path: actions.read(one)["co"].copy() for one in home.existing_fcurves}


LEAD = 6  # frames in which the face comes from rest, a quarter of a second at 24 per second
SOURCES = pytest.mark.parametrize("speaks", [in_file, in_strip], ids=["file", "strip"])
MODES = pytest.mark.parametrize(
    "mode",
    [
        {},
        {"keys": "SPARSE", "interpolation": "BEZIER"},
        {"into": "EXISTING", "interpolation": "BEZIER"},
        {"into": "ADDITIVE"},
    ],
    ids=lambda mode: "-".join(str(v) for v in mode.values()) or "plain",
)


@SOURCES
@MODES
@pytest.mark.parametrize("by", [48, -13])
def test_keys_go_with_their_sound_and_edits_with_them(face, who, scene, sound, speaks, mode, by):
    drag = speaks(who, scene, sound)
    bake_take(scene, who, **mode)
    if mode.get("into") != "ADDITIVE":
        edit(face) if mode.get("keys") != "SPARSE" else hand_edit(face)
    before, edited = keys_of(home_of(face)), worked.since_bake(home_of(face).action)
    assert findings(scene, face) == []
    drag(by)
    (text,) = findings(scene, face)
    assert f"has moved by {by:+g} frames since it was baked" in text
    mend()
    after = keys_of(home_of(face))
    assert after.keys() == before.keys()
    for path, keys in before.items():
        np.testing.assert_allclose(after[path] - (by, 0), keys, atol=2e-4)
    assert worked.since_bake(home_of(face).action) == edited
    assert findings(scene, face) == []
    assert store.get(who.root).speech.frame == 1 + by
    report = bake_take(scene, who, **mode)
    assert report.frames[0] == 1 + by - LEAD
    assert report.kept == edited
    assert findings(scene, face) == []


def hand_edit(face):
    """Change a key in the middle, whatever keys there are."""
    one = curve(face)
    one.keyframe_points[len(one.keyframe_points) // 2].co.y = 0.77
    one.update()


@SOURCES
@pytest.mark.parametrize("by", [20, 130])
def test_in_an_action_in_use_only_the_keys_of_the_take_move(face, who, scene, sound, speaks, by):
    drag = speaks(who, scene, sound)
    hand_animate(face, (-60, -40, 150, 400))
    hand_animate(face, (-60, 10, 400), shape="browInnerUp")
    before = snapshot()
    bake_take(scene, who, into="EXISTING")
    was = held(face)
    drag(by)
    mend()
    own = {frame: value for frame, value in was.items() if 1 - LEAD <= frame <= 104}
    assert len(own) > 90
    others = {frame: value for frame, value in was.items() if frame not in own}
    now = held(face)
    assert now == pytest.approx({frame + by: value for frame, value in own.items()} | others)
    assert {-60.0, -40.0, 400.0} <= set(now)
    unbake.unbake(who)
    assert snapshot() == before


@SOURCES
@MODES
def test_unbake_after_the_move_brings_back_what_was_there(face, who, scene, sound, speaks, mode):
    drag = speaks(who, scene, sound)
    hand_animate(face, (-60, 30, 90, 150))
    before = snapshot()
    bake_take(scene, who, **mode)
    drag(48)
    mend()
    drag(-70)
    mend()
    unbake.unbake(who)
    assert snapshot() == before


def test_unbake_of_a_bake_over_a_bake_that_moved_goes_back_one_by_one(face, who, scene, sound):
    drag = in_file(who, scene, sound)
    bake_take(scene, who)
    first = snapshot()
    bake_take(scene, who, into="EXISTING", span=(20, 60))
    drag(48)
    mend()
    unbake.unbake(who)
    assert snapshot() == first
    assert "moved by +48" in findings(scene, face)[0], "what is back lies where the sound was"
    mend()
    assert min(held(face)) == 49 - LEAD


def test_strips_of_poses_go_with_their_sound(puppet, scene, sound):
    who = character.find(puppet, scene)
    drag = in_file(who, scene, sound)
    bake_take(scene, who, into="STRIPS")

    def now():
        return {pose: actions.read(influences.influence(puppet, pose))["co"].copy() for pose in poses}

    poses = [track.strips[0].action.name for track in puppet.animation_data.nla_tracks if nla.POSE in track.name]
    poses = [pose for pose in poses if influences.influence(puppet, pose) is not None]
    before = now()
    drag(48)
    assert findings(scene, puppet)
    mend()
    assert findings(scene, puppet) == []
    assert len(poses) > 3
    for pose, keys in now().items():
        np.testing.assert_allclose(keys - (48, 0), before[pose], atol=1e-3)
    assert bake_take(scene, who, into="STRIPS").kept == 0


def test_a_strip_retimed_after_the_bake_stretches_its_keys(face, who, scene, sound, tmp_path):
    in_strip(who, scene, sound)
    bake_take(scene, who)
    edit(face)
    before, edited = keys_of(home_of(face)), worked.since_bake(home_of(face).action)
    retime(scene, strips.sound_strips(scene)[0], 50)
    (text,) = findings(scene, face)
    assert "0.5" in text
    mend()
    speed = store.get(who.root).speech.speed
    assert speed == pytest.approx(0.5, rel=0.02)
    np.testing.assert_allclose(keys_of(home_of(face))[JAW][:, 0], 1 + (before[JAW][:, 0] - 1) / speed, atol=1e-3)
    assert worked.since_bake(home_of(face).action) == edited
    assert findings(scene, face) == []


def test_a_strip_that_is_only_trimmed_has_not_moved(face, who, scene, sound):
    in_strip(who, scene, sound)
    bake_take(scene, who)
    trim(strips.sound_strips(scene)[0], 20, 10)
    assert findings(scene, face) == []


def test_keys_that_were_moved_by_hand_with_the_sound_are_recognised(face, who, scene, sound):
    drag = in_file(who, scene, sound)
    bake_take(scene, who)
    drag(48)
    for action in bpy.data.actions:
        for _, curves in actions.fcurves_by_kind(action):
            for one in curves:
                for key in one.keyframe_points:
                    key.co.x += 48
                one.update()
    assert findings(scene, face) == []
    drag(10)
    mend()
    assert min(held(face)) == 59 - LEAD
    assert bake_take(scene, who).kept == 0


def test_it_is_found_and_mended_after_save_and_load(face, who, scene, sound, tmp_path):
    drag = in_file(who, scene, sound)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    bake_take(scene, who)
    drag(48)
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    face = bpy.data.objects["Bob face"]
    assert findings(bpy.context.scene, face)
    mend()
    assert min(held(face)) == 49 - LEAD


def test_the_move_is_one_undo_step(face, who, scene, sound):
    drag = in_file(who, scene, sound)
    bake_take(scene, who)
    drag(48)
    bpy.ops.ed.undo_push(message="before")
    mend()
    bpy.ops.ed.undo_push(message="moved")
    bpy.ops.ed.undo()
    face = bpy.data.objects["Bob face"]
    assert min(held(face)) == 1 - LEAD
    assert findings(bpy.context.scene, face)


def test_a_locked_curve_stays(face, who, scene, sound):
    drag = in_file(who, scene, sound)
    bake_take(scene, who)
    curve(face).lock = True
    before = held(face)
    drag(48)
    mend()
    assert held(face) == before
    assert min(held(face, 'key_blocks["jawLeft"].value')) == 49 - LEAD


@pytest.mark.parametrize("lock", [40, 120])
def test_locked_frames_keep_everything_where_it_is(face, who, scene, sound, lock):
    drag = in_file(who, scene, sound)
    bake_take(scene, who)
    drag(48)
    scene.timeline_markers.new("facewright lock", frame=lock)
    before = snapshot()
    with pytest.raises(FacewrightError, match="locked by a timeline marker"):
        inspection.mend(scene, character.find(face, scene), "sound_moved")
    assert snapshot() == before


def test_an_action_that_moves_another_character_too_is_left_alone(face, who, scene, sound, make_mesh):
    drag = in_file(who, scene, sound)
    bake_take(scene, who)
    twin = make_mesh("Twin", ["jawOpen"])
    actions.assign(actions.SlotRef(twin.data.shape_keys, home_of(face).action, home_of(face).slot))
    bpy.context.view_layer.objects.active = face
    drag(48)
    with pytest.raises(FacewrightError, match="single user"):
        inspection.mend(scene, character.find(face, scene), "sound_moved")
    assert min(held(face)) == 1 - LEAD
