# SPDX-License-Identifier: GPL-3.0-or-later
"""Characters with one thing wrong, for each pre-flight check: its contract is tried on them.

A new check needs one in EXAMPLES, under its own name: a function that makes a character on which the check finds
something, and nothing but that is wrong. It is given a folder it may write into and the path of a sound.
"""

import bpy
import pytest

from facewright.addon.blender import actions
from facewright.addon.character import character, mapping
from facewright.inference.core.channels import ARKIT
from facewright.inference.retarget.rig import Line
from support import puppets
from support.characters import bake_it, make_face, make_mesh, random_motion
from support.drawn_mouths import V3, grease_pencil, make_plane, modifier_of, write_pictures
from support.preflight_partners import delete_the_partner, talk_to_itself
from support.preflight_sounds import move_the_start, mute_the_strip


def blocks(obj):
    return obj.data.shape_keys.key_blocks


def data(obj):
    return obj.data.shape_keys.animation_data


def baked(who, **mode):
    return bake_it(who, random_motion(100), **mode)


def lock_curve(face, who):
    baked(who)
    actions.fcurves_of(face.data.shape_keys)[3].lock = True


def mute_curve(face, who):
    baked(who)
    actions.fcurves_of(face.data.shape_keys)[3].mute = True


def add_driver(face, who):
    blocks(face)["jawOpen"].driver_add("value")


def mute_key(face, who):
    blocks(face)["jawOpen"].mute = True


def shorten_slider(face, who):
    blocks(face)["jawOpen"].slider_max = 0.5


def push_and_tweak(face, who):
    baked(who)
    action = data(face).action
    data(face).action = None
    strip = data(face).nla_tracks.new().strips.new("hand", 1, action)
    strip.select = True
    data(face).nla_tracks[0].select = True
    data(face).nla_tracks.active = data(face).nla_tracks[0]
    data(face).use_tweak_mode = True


def unassign_slot(face, who):
    if not actions.SLOTTED:
        pytest.skip("Actions have slots since Blender 4.4")
    baked(who)
    data(face).action_slot = None


def absolute(face, who):
    face.data.shape_keys.use_relative = False


def pin(face, who):
    face.show_only_shape_key = True


def other_rate(face, who):
    baked(who)
    bpy.context.scene.render.fps = 30


def stretch_time(face, who):
    bpy.context.scene.render.frame_map_new = 200


def solo(face, who):
    baked(who)
    hand = bpy.data.actions.new("hand")
    track = data(face).nla_tracks.new()
    track.strips.new("hand", 1, hand)
    track.is_solo = True


def turn_down(face, who):
    baked(who)
    data(face).nla_tracks.new().strips.new("hand", 1, bpy.data.actions.new("hand"))
    data(face).action_influence = 0.0


def mute_added_strip(face, who):
    baked(who, into="ADDITIVE")
    data(face).nla_tracks["Facewright"].strips[0].mute = True


def switch_off_nla(face, who):
    baked(who, into="ADDITIVE")
    data(face).use_nla = False


TROUBLES = {
    lock_curve: ("locked_curve", "'Bob face', F-curves are locked (1)"),
    mute_curve: ("muted_curve", "muted (1), so their keys show nothing"),
    add_driver: ("driver", "On 'Bob face', drivers win over keys: jawOpen."),
    mute_key: ("muted_key", "shape keys are muted: jawOpen"),
    shorten_slider: ("slider", "sliders end before the motion does: jawOpen"),
    push_and_tweak: ("tweak_mode", "An NLA strip of 'Bob face' is in tweak mode."),
    unassign_slot: ("slot", "'Bob face' uses 'speech' without a slot"),
    absolute: ("absolute_keys", "'Bob face' uses absolute shape keys"),
    pin: ("pinned_key", "'Bob face' shows only its active shape key"),
    other_rate: ("frame_rate", "Baked at 24 frames per second, but the scene runs at 30"),
    stretch_time: ("frame_rate", "Time Stretching remaps frames"),
    move_the_start: ("sound_moved", "has moved by +48 frames since it was baked"),
    mute_the_strip: ("strip_muted", "Strip 'line' is muted, so what it says is not heard."),
    solo: ("nla", "On 'Bob face', an NLA track is played alone"),
    turn_down: ("nla", "On 'Bob face', the NLA lets the Action in use count for less than all"),
    mute_added_strip: ("nla", "On 'Bob face', the NLA track or strip of the bake is muted"),
    switch_off_nla: ("nla", "On 'Bob face', the NLA is switched off"),
}


def on_bob(trouble):
    """An example of the sound face with this trouble."""

    def make(folder, sound):
        face = make_face()
        face.parent.facewright.filepath = str(sound)
        trouble(face, character.find(face, bpy.context.scene))
        return face

    return make


def lock_an_axis(folder, sound):
    """A jaw whose lines turn it about an axis that is locked."""
    rig = puppets.make_rig()
    rig.facewright.filepath = str(sound)
    mapping.store(rig, [Line("jawOpen", "jaw", low=-1.0, high=1.0, kind=f"rotation_{axis}") for axis in "xz"])
    rig.pose.bones["jaw"].lock_rotation[0] = True
    return rig


def limit_a_bone(folder, sound):
    """A jaw that a constraint lets open by a tenth of what its line says."""
    rig = puppets.make_rig()
    rig.facewright.filepath = str(sound)
    mapping.store(rig, [Line("jawOpen", "jaw", low=0.0, high=1.0, kind="rotation_x")])
    limit = rig.pose.bones["jaw"].constraints.new("LIMIT_ROTATION")
    limit.owner_space, limit.use_limit_x, limit.max_x = "LOCAL", True, 0.1
    return rig


def pose_in_another_mode(folder, sound):
    """Poses of quaternions, and a jaw that turns by Euler angles."""
    rig = puppets.add_poses(puppets.make_rig())
    rig.facewright.filepath = str(sound)
    rig.pose.bones["jaw"].rotation_mode = "XYZ"
    return rig


def shorten_property(folder, sound):
    """A property that ends at 1, and a line that goes to 2."""
    panel = make_mesh("Panel", [])
    panel.facewright.filepath = str(sound)
    panel["jawOpen"] = 0.0
    panel.id_properties_ui("jawOpen").update(min=0.0, max=1.0, soft_max=1.0)
    mapping.store(panel, [Line("jawOpen", "jawOpen", 2.0, high=2.0, kind="property")])
    return panel


def leave_channels_out(folder, sound):
    """A face that cannot put its tongue out."""
    face = make_mesh("Bob", ARKIT[:-1])
    face.facewright.filepath = str(sound)
    return face


def say_nothing(folder, sound):
    """A face for which no sound is chosen."""
    return make_face()


def move_the_sound(folder, sound):
    """A sound that lies beside the .blend, and no more where it was."""
    face = make_face()
    (folder / "line.wav").write_bytes(sound.read_bytes())
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
    face = bpy.data.objects["Bob face"]
    face.parent.facewright.filepath = "/Volumes/old disk/line.wav"
    return face


def exclude_teeth(face, who):
    aside = bpy.data.collections.new("aside")
    bpy.context.scene.collection.children.link(aside)
    teeth = bpy.data.objects["Bob teeth"]
    aside.objects.link(teeth)
    bpy.context.scene.collection.objects.unlink(teeth)
    bpy.context.view_layer.layer_collection.children["aside"].exclude = True
    bpy.context.view_layer.update()


def link_it(folder, sound):
    """A face that is linked from a library."""
    face = make_face()
    face.parent.facewright.filepath = str(sound)
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "library.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(folder / "library.blend"), link=True) as (there, wanted):
        wanted.objects = there.objects
    for obj in wanted.objects:
        bpy.context.scene.collection.objects.link(obj)
    bpy.context.view_layer.objects.active = bpy.data.objects["Bob face"]
    return bpy.data.objects["Bob face"]


def let_pictures_play(folder, sound):
    """A plane whose picture runs with the time, as Blender makes it."""
    plane = make_plane(write_pictures(folder))
    plane.facewright.filepath = str(sound)
    return plane


def take_a_drawing_away(folder, sound):
    """A mouth whose mapping speaks of a drawing that is not there."""
    mouth = grease_pencil("Bob mouth", ["Lines"], range(1, 10))
    mouth.facewright.filepath = str(sound)
    assert bpy.ops.facewright.mapping_match() == {"FINISHED"}
    for layer in mouth.data.layers:
        layer.frames.remove(5 if V3 else next(frame for frame in layer.frames if frame.frame_number == 5))
    return mouth


def switch_off_the_modifier(folder, sound):
    """A mouth whose Time Offset is off in renders."""
    mouth = grease_pencil("Bob mouth", ["Lines"], range(1, 10))
    mouth.facewright.filepath = str(sound)
    modifier_of(mouth).show_render = False
    return mouth


def share_keys(folder, sound):
    """A face and its linked duplicate, each a character."""
    ann = make_mesh("Ann", ARKIT)
    ann.facewright.filepath = str(sound)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Ben", ann.data))
    return ann


# Name of the check: its examples, each with a name that its finding must say.
EXAMPLES = {
    "absolute_keys": [(on_bob(absolute), "Bob face")],
    "drawing_missing": [(take_a_drawing_away, "Bob mouth")],
    "driver": [(on_bob(add_driver), "jawOpen")],
    "frame_rate": [(on_bob(other_rate), "24"), (on_bob(stretch_time), "Time Stretching")],
    "hidden": [(on_bob(exclude_teeth), "Bob teeth")],
    "image_plays": [(let_pictures_play, "Bob")],
    "limit": [(limit_a_bone, "jaw rotation_x")],
    "linked": [(link_it, "library.blend")],
    "locked_axis": [(lock_an_axis, "jaw rotation_x")],
    "locked_curve": [(on_bob(lock_curve), "Bob face")],
    "muted_curve": [(on_bob(mute_curve), "Bob face")],
    "muted_key": [(on_bob(mute_key), "jawOpen")],
    "nla": [(on_bob(one), "Bob face") for one in (solo, turn_down, mute_added_strip, switch_off_nla)],
    "partner": [(delete_the_partner, "Ball"), (talk_to_itself, "Bob teeth")],
    "pinned_key": [(on_bob(pin), "Bob face")],
    "pose": [(pose_in_another_mode, "jaw")],
    "property_range": [(shorten_property, "jawOpen")],
    "shared_keys": [(share_keys, "Ben")],
    "slider": [(on_bob(shorten_slider), "jawOpen")],
    "slot": [(on_bob(unassign_slot), "speech")],
    "sound_moved": [(on_bob(move_the_start), "+48 frames")],
    "strip_muted": [(on_bob(mute_the_strip), "'line'")],
    "sound": [(say_nothing, "No sound"), (move_the_sound, "line.wav")],
    "time_offset_off": [(switch_off_the_modifier, "Time Offset")],
    "tweak_mode": [(on_bob(push_and_tweak), "Bob face")],
    "unmapped": [(leave_channels_out, ARKIT[-1])],
}
