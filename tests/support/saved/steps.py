# SPDX-License-Identifier: GPL-3.0-or-later
"""How work goes on in the saved files: by `make_saved.py` after it saved, and by the test in what it opened.

Each step is an artist's, with operators and properties alone. What is seen after each must be the same in both. Bakes
say into what, which was a new Action by default when the files were saved.
"""

import bpy

from support.saved import facts

JAW, BROW = 'key_blocks["jawOpen"].value', 'key_blocks["browInnerUp"].value'


def go_on(file):
    """Do all steps for a file; step -> what is seen then. Steps of `MODEL` end in what the model drew anew."""
    found = {}
    for step in STEPS[file]:
        shown = step()
        number = sum(one.startswith(step.__name__) for one in found)
        name = f"{step.__name__} {number + 1}"
        found[name] = {"sees": facts.over_time()} | ({"says": shown} if shown is not None else {})
        if step not in MODEL:
            found[name] |= {"animated": facts.animated(), "actions": facts.actions()}
    return found


def select(name):
    bpy.context.view_layer.objects.active = bpy.data.objects[name]
    return bpy.data.objects[name].facewright


# Takes


def switches_the_preview_on():
    own = select("Facewright Head")
    own.preview = True
    return own.preview


def chooses_another_take():
    select("Facewright Head").take_index = 3


def moves_a_slider():
    own = select("Facewright Head")
    own.emotion_doubt, own.slider_closure, own.phone_P = 0.0, 0.5, 1.5
    own.group_8 = 1.2
    return [own.phone_AA, own.phone_AE]


def moves_a_key_of_a_slider():
    own = select("Facewright Head")
    curve = next(one for one in facts.fcurves(own.id_data) if one.data_path == "facewright.slider_jaw")
    curve.keyframe_points[0].co.y = 1.0
    curve.update()
    own.id_data.update_tag()
    bpy.context.view_layer.update()


def moves_what_drives_a_slider():
    curve = facts.fcurves(bpy.data.objects["Dial"])[0]
    curve.keyframe_points[1].co.y = 0.5
    curve.update()
    bpy.data.objects["Dial"].update_tag()
    bpy.context.view_layer.update()


def resets_sliders():
    own = select("Facewright Head")
    bpy.ops.facewright.dial_reset(fields="slider_jaw emotion")
    return [own.slider_jaw, own.emotion_joy, own.emotion_doubt]


def edits_the_mapping():
    own = select("Facewright Head")
    added = own.mapping[len(own.mapping) - 1]
    added.gain, added.source = 0.6, "jawOpen"
    first = next(item for item in own.mapping if item.source == "mouthSmileLeft")
    first.curve, first.offset = "ease", 0.1
    bpy.ops.facewright.mapping_remove(index=own.mapping.find("mouthSmileRight mouthSmileRight"))
    return [facts.line(item) for item in own.mapping]


def lets_one_line_move_alone():
    own = select("Facewright Head")
    bpy.ops.facewright.mapping_solo(index=own.mapping.find("mouthFunnel mouthFunnel"))
    alone = facts.over_time()
    bpy.ops.facewright.mapping_solo(index=own.mapping.find("mouthFunnel mouthFunnel"))
    return alone


def marks_phones():
    select("Facewright Head")
    bpy.ops.facewright.phones_mark(phones="B AA")
    return sorted([marker.name, marker.frame] for marker in bpy.context.scene.timeline_markers)


def starts_later():
    own = select("Facewright Head")
    own.frame = 4.5
    return [facts.take(item) for item in own.takes]


def bakes():
    select("Facewright Head")
    bpy.ops.facewright.bake(into="NEW")


def takes_it_back():
    bpy.ops.facewright.unbake()


def mixes_old_takes():
    own = select("Facewright Head")
    own.take_index = 1
    bpy.ops.facewright.take_mix(other="Take 2", parts={"BROWS", "LIDS", "HEAD"})
    return [[item.name, facts.sha(item.recipe)] for item in own.takes]  # how motion is packed is not the point


def punches_into_an_old_take():
    own = select("Facewright Head")
    own.take_index = 0
    bpy.ops.facewright.punch_in(first=14, last=30, seed=5)


def generates_another_take():
    own = select("Facewright Head")
    bpy.ops.facewright.generate(seed=30, count=1)
    return [own.takes[own.take_index].name, len(own.takes)]


def removes_takes_without_star():
    own = select("Facewright Head")
    bpy.ops.facewright.take_tidy()
    return [item.name for item in own.takes]


# Baked


def bakes_again_around_keys_by_hand():
    select("Bob")
    bpy.ops.facewright.bake(into="NEW")
    return hand_keys()


def bakes_another_take_on_every_frame():
    own = select("Bob")
    own.take_index, own.slider_jaw = 0, 2.0
    bpy.ops.facewright.bake(keys="DENSE", interpolation="LINEAR", into="EXISTING")
    return hand_keys()


def hand_keys():
    """Keys of the two curves that were edited by hand."""
    curves = {curve.data_path: curve for curve in facts.fcurves(bpy.data.objects["Bob face"].data.shape_keys)}
    return {
        path: [[facts.plain(number) for number in point.co] for point in curves[path].keyframe_points]
        for path in (JAW, BROW)
    }


def unbakes_to_the_end():
    """One bake after the other until there is none; what is seen in between is said."""
    said = []
    for _ in range(12):
        try:
            bpy.ops.facewright.unbake()
        except RuntimeError as error:
            said.append(str(error))
            break
        said.append({"sees": facts.over_time(), "animated": facts.animated(), "actions": facts.actions()})
    return said


def bakes_afresh():
    bpy.ops.facewright.bake(into="NEW", keep_edits=False)


# Strips


def bakes_poses_again():
    select("Ann")
    bpy.ops.facewright.bake(into="STRIPS")
    track = bpy.data.objects["Ann"].animation_data.nla_tracks["Facewright pose D"]
    influence = track.strips[0].fcurves.find("influence")
    return [[facts.plain(number) for number in point.co] for point in influence.keyframe_points]


def unbakes_poses():
    select("Ann")
    return unbakes_to_the_end()


def bakes_added_again():
    select("Bob").slider_jaw = 0.5
    bpy.ops.facewright.bake(into="ADDITIVE")


def punches_into_added_keys():
    select("Bob")
    bpy.ops.facewright.punch_in(first=14, last=30, seed=5)


def unbakes_what_was_added():
    select("Bob")
    return unbakes_to_the_end()


# Drawn


def holds_drawings_longer():
    select("Zoe mouth").hold = 0.3
    bpy.ops.facewright.bake(into="NEW")


def says_what_a_drawing_is():
    own = select("Zoe mouth")
    bpy.ops.facewright.drawing_is(where="Zoe mouth", drawing="4", shape="preston_blair.WQ")
    bpy.ops.facewright.bake(into="NEW")
    return [facts.line(item) for item in own.mapping]


def unbakes_drawings():
    select("Zoe mouth")
    return unbakes_to_the_end()


def bakes_objects_again():
    select("Max mouths").hold = 0.0
    bpy.ops.facewright.bake(into="NEW")


def unbakes_objects():
    select("Max mouths")
    return unbakes_to_the_end()


MODEL = (punches_into_an_old_take, generates_another_take, punches_into_added_keys)
STEPS = {
    "takes": (
        switches_the_preview_on,
        chooses_another_take,
        moves_a_slider,
        moves_a_key_of_a_slider,
        moves_what_drives_a_slider,
        resets_sliders,
        edits_the_mapping,
        lets_one_line_move_alone,
        marks_phones,
        starts_later,
        bakes,
        takes_it_back,
        mixes_old_takes,
        punches_into_an_old_take,
        generates_another_take,
        removes_takes_without_star,
    ),
    "baked": (
        bakes_again_around_keys_by_hand,
        bakes_another_take_on_every_frame,
        unbakes_to_the_end,
        bakes_afresh,
    ),
    "strips": (
        bakes_poses_again,
        unbakes_poses,
        bakes_added_again,
        punches_into_added_keys,
        unbakes_what_was_added,
    ),
    "drawn": (
        holds_drawings_longer,
        says_what_a_drawing_is,
        unbakes_drawings,
        bakes_objects_again,
        unbakes_objects,
    ),
}
