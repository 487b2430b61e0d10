# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawn mouth is baked as safely as a face: held, previewed, kept, taken back, re-baked around the artist's edits."""

import bpy
import numpy as np
import pytest
from support.characters import error_of
from support.drawn_mouths import (  # fmt: skip
    RHUBARB,
    SEEN,
    V3,
    bake_it,
    curves,
    held_still,
    modifier_of,
    motion,
    over_time,
    seen_layers,
)

from facewright.addon.bake import mode, unbake
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character, mapping
from facewright.addon.preflight import inspection
from facewright.addon.preflight.case import ERROR
from facewright.addon.preview import preview
from facewright.addon.takes import store
from facewright.addon.targets import drawings
from facewright.inference import animate, load_audio
from facewright.inference.lips.contacts import lip_contacts
from facewright.inference.retarget import mapping_file


@pytest.mark.parametrize("rate", [24, 30])
@pytest.mark.parametrize("hold", [0.0, 0.3])
def test_a_drawing_is_held_as_long_as_the_artist_wants(mouth, rate, hold):
    bpy.context.scene.render.fps = rate
    mouth.facewright.hold = hold
    bake_it(mouth)
    (curve,) = curves(mouth).values()
    frames = np.array([key.co[0] for key in curve.keyframe_points])
    assert np.diff(frames).min() >= max(round(hold * rate), 1)
    bpy.context.scene.frame_set(round(1 + 0.86 * rate))
    assert seen_layers(mouth)["Lines"] == RHUBARB.index("A") + 1  # lips close all the same


def test_preview_and_bake_show_the_same_and_values_come_back(mouth):
    scene = bpy.context.scene
    modifier = modifier_of(mouth)
    modifier.offset = 4
    take = store.Take(motion(), Speech("", 0.0, None, 1.0), 0, "")
    preview.start(scene, character.find(mouth, scene), take)
    frames = [*range(1, 50), 20.5]

    def look():
        return seen_layers(mouth)["Lines"]

    previewed = {}
    for frame in frames:
        scene.frame_set(int(frame), subframe=frame % 1)
        previewed[frame] = look()
    preview.stop(mouth)
    assert modifier.offset == 4
    bake_it(mouth)
    for frame in frames:
        scene.frame_set(int(frame), subframe=frame % 1)
        assert look() == previewed[frame], frame
    unbake.unbake(character.find(mouth, scene))
    assert mouth.animation_data is None and modifier.offset == 4


def test_the_action_in_use_is_kept_and_unbake_brings_it_back(mouth):
    modifier = modifier_of(mouth)
    path = modifier.path_from_id("offset")
    modifier.offset = 7
    mouth.keyframe_insert(path, frame=1)
    old = mouth.animation_data.action
    bake_it(mouth)
    assert mouth.animation_data.action != old and old.use_fake_user
    unbake.unbake(character.find(mouth, bpy.context.scene))
    assert mouth.animation_data.action == old
    bpy.context.scene.frame_set(13)
    assert seen_layers(mouth)["Lines"] == 7


def test_hand_edits_survive_the_next_bake(mouth):
    bake_it(mouth)
    (curve,) = curves(mouth).values()
    key = next(key for key in curve.keyframe_points if key.co[1] == RHUBARB.index("D") + 1)
    where = int(key.co[0])
    key.co[1] = 8.0
    curve.update()
    other = motion((("sil", 0, 60), ("O", 60, 100)))
    report = bake_it(mouth, other)
    assert report.kept == 1
    shown = over_time(lambda: seen_layers(mouth)["Lines"], (where, 45))
    assert shown == {where: 8, 45: RHUBARB.index("E") + 1}


def test_a_range_leaves_the_rest_and_cuts_no_drawing_in_two(mouth):
    bake_it(mouth)
    other = motion((("sil", 0, 100),))
    bake_it(mouth, other, mode.Mode(into=mode.EXISTING, span=(15, 25), blend=4))
    shown = over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1], (13, 20, 28, 36))
    assert shown == {13: "D", 20: "X", 28: "F", 36: "G"}
    (curve,) = curves(mouth).values()
    assert all(key.co[1] in (1, 4, 6, 7, 9) for key in curve.keyframe_points)


def test_an_added_strip_shows_the_same(mouth):
    modifier_of(mouth).offset = 5
    bake_it(mouth, mode=mode.Mode(into=mode.ADDITIVE))
    shown = over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1])
    assert shown == SEEN


def test_few_bezier_keys_of_shapes_and_held_drawings_go_together(make_mesh, mouth):
    face = make_mesh("Bob face", ["eyeBlinkLeft", "eyeBlinkRight", "browInnerUp"])
    mouth.parent = face
    blinking = motion().with_channels(["browInnerUp"], np.sin(np.arange(100) / 8)[:, None] ** 2)
    bake_it(face, blinking, mode.Mode(keys=mode.SPARSE, interpolation=mode.BEZIER))
    assert {k.interpolation for c in curves(mouth).values() for k in c.keyframe_points} == {"CONSTANT"}
    assert {k.interpolation for c in curves(face.data.shape_keys).values() for k in c.keyframe_points} == {"BEZIER"}
    assert over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1]) == SEEN


def test_the_artist_says_which_drawing_is_which_mouth(mouth, tmp_path):
    scene = bpy.context.scene
    bpy.ops.facewright.drawing_is(drawing="2", shape="rhubarb.D")
    bpy.ops.facewright.drawing_is(drawing="4", shape="NONE")
    bake_it(mouth)
    shown = over_time(lambda: seen_layers(mouth)["Lines"])
    assert shown == {frame: 2 if name == "D" else RHUBARB.index(name) + 1 for frame, name in SEEN.items()}
    lines = mapping.stored(mouth)
    mapping_file.write(lines, tmp_path / "mouth.toml")
    assert mapping_file.read(tmp_path / "mouth.toml") == lines
    assert drawings.shapes_of([line for line in lines if line.target == "2"], "2") == {
        "rhubarb": "D",
        "oculus": "viseme_aa",
    }
    said = error_of(bpy.ops.facewright.drawing_is, drawing="77", shape="rhubarb.D")
    assert "Expected a drawing of 'Bob mouth', got '77'" in said
    assert character.find(mouth, scene).mapped


def test_both_operators_are_one_undo_step_each(mouth):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.facewright.drawing_is(drawing="2", shape="rhubarb.D")
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert mapping.stored(bpy.data.objects["Bob mouth"]) is None


def test_pre_flight_tells_what_will_not_be_seen_and_mends_it(plane, mouth):
    scene = bpy.context.scene
    mouth.parent = plane
    modifier = modifier_of(mouth)
    modifier.show_render = False
    who = character.find(plane, scene)
    assert "plays by itself" in " ".join(bake_it(plane).warnings)
    found = {one.check: one for one in inspection.inspect(scene, who)}
    assert found["image_plays"].severity == ERROR
    assert {"image_plays", "time_offset_off"} <= found.keys() and "drawing_missing" not in found
    for name in ("image_plays", "time_offset_off"):
        inspection.mend(scene, who, name)
    assert not {"image_plays", "time_offset_off"} & {one.check for one in inspection.inspect(scene, who)}
    user = plane.data.materials[0].node_tree.nodes["Image Texture"].image_user
    assert (user.frame_duration, user.use_auto_refresh, modifier.show_render) == (1, True, True)


def test_missing_drawings_and_files_are_named(plane, mouth, pictures):
    held_still(plane)
    mouth.parent = plane
    bpy.ops.object.select_all(action="DESELECT")
    bpy.ops.facewright.mapping_match()
    (pictures / "mouth_03.png").unlink()
    for layer in mouth.data.layers:
        layer.frames.remove(5 if V3 else next(frame for frame in layer.frames if frame.frame_number == 5))
    who = character.find(plane, bpy.context.scene)
    texts = " ".join(one.text for one in inspection.inspect(bpy.context.scene, who) if one.check == "drawing_missing")
    assert "'Bob mouth' has no drawing on frame 5" in texts
    assert "has no file with the number 3" in texts
    assert "no drawing on frame 5" in " ".join(bake_it(plane, motion((("O", 0, 100),))).warnings)


def test_a_line_can_be_seen_at_one(mouth):
    modifier_of(mouth).offset = 9
    bpy.ops.facewright.mapping_match()
    lines = mapping.stored(mouth)
    number = next(n for n, line in enumerate(lines) if line.channel == "viseme_aa")
    bpy.ops.facewright.mapping_test(index=number)
    assert RHUBARB[seen_layers(mouth)["Lines"] - 1] == "D"


def test_real_speech_is_held_and_shuts_on_every_bilabial(mouth, speech):
    take = animate(load_audio(speech, duration=6.0), fps=50.0)
    bake_it(mouth, take)
    (curve,) = curves(mouth).values()
    frames = np.array([key.co[0] for key in curve.keyframe_points])
    assert np.diff(frames[:-1]).min() >= 2 and 12 <= len(frames) <= 54
    moments = lip_contacts(take).moments
    assert len(moments) >= 2
    for moment in moments:
        at = 1 + int(moment * 24)
        near = over_time(lambda: RHUBARB[seen_layers(mouth)["Lines"] - 1], (at - 1, at, at + 1))
        assert "A" in near.values(), moment
