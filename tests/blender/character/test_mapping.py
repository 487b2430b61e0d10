# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping table: matched, edited, soloed, seen at one, undone."""

import bpy
import numpy as np
import pytest
from support.characters import error_of, random_motion, value
from support.mapped import at_one, baked, lines

from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import store
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.errors import RigError
from facewright.inference.core.motion import Motion
from facewright.inference.retarget import mapping_file
from facewright.inference.retarget.rig import Line


def test_the_table_drives_what_matching_drives(face, scene, motion):
    before = [part.rig for part in character.find(face, scene).parts]
    bpy.ops.facewright.mapping_match()
    after = [part.rig for part in character.find(face, scene).parts]
    for old, new in zip(before, after, strict=True):
        order = [new.controls.index(name) for name in old.controls]
        np.testing.assert_array_equal(old.retarget(motion), new.retarget(motion)[:, order])


def test_gain_offset_range_curve_and_switch_count(own, scene):
    table = own.parent.facewright.mapping
    row = next(item for item in table if item.target == "jawOpen")
    row.gain, row.offset, row.max = 0.5, 0.25, 0.7
    assert baked(own, scene, at_one("jawOpen"))["jawOpen"] == pytest.approx(0.7)
    row.curve, row.power, row.offset = "power", 2.0, 0.0
    half = Motion(at_one("jawOpen").values * 0.5, CHANNELS, 24.0)
    assert baked(own, scene, half)["jawOpen"] == pytest.approx(0.125)
    row.use = False
    channels = character.find(own, scene).channels
    assert "jawOpen" not in channels and "jawLeft" in channels
    row.min, row.max = 1.0, 0.0  # turned round by mistake
    assert lines(own)[list(table).index(row)].high == 1.0


def test_add_and_remove_lines(face, scene):
    face.shape_key_add(name="wrinkles", from_mix=False)
    assert "wrinkles" in character.find(face, scene).unmatched
    assert bpy.ops.facewright.mapping_add(source="browInnerUp", target="wrinkles", gain=0.5) == {"FINISHED"}
    assert len(lines(face)) == 53  # the matched ones were written out first
    assert character.find(face, scene).unmatched == ()
    assert baked(face, scene, at_one("browInnerUp"))["wrinkles"] == pytest.approx(0.5)
    assert bpy.ops.facewright.mapping_remove() == {"FINISHED"}
    assert "wrinkles" in character.find(face, scene).unmatched
    assert bpy.ops.facewright.mapping_remove(index=0) == {"FINISHED"}
    assert len(lines(face)) == 51
    assert "there is no line 99" in error_of(bpy.ops.facewright.mapping_remove, index=99)


def test_a_character_nobody_knows_is_mapped_by_hand(make_mesh, scene):
    obj = make_mesh("box", ["smirk", "grin"])
    assert "is known" in error_of(bpy.ops.facewright.mapping_match)
    assert bpy.ops.facewright.mapping_add(source="jawOpen", target="grin") == {"FINISHED"}
    who = character.find(obj, scene)
    assert (who.convention, who.coverage, who.unmatched) == ("Own names", "1 channels on 1 mesh", ("smirk",))
    assert baked(obj, scene, at_one("jawOpen"))["grin"] == pytest.approx(1)
    obj.facewright.mapping[0].use = False
    with pytest.raises(RigError, match="moves none of its shape keys"):
        character.find(obj, scene)


def test_solo_and_back(own, scene):
    table = own.parent.facewright.mapping
    table[3].use = False
    before = [item.use for item in table]
    assert bpy.ops.facewright.mapping_solo(index=17) == {"FINISHED"}
    assert character.find(own, scene).channels == {table[17].source}
    bpy.ops.facewright.mapping_solo(index=5)
    assert character.find(own, scene).channels == {table[5].source}
    bpy.ops.facewright.mapping_solo(index=5)
    assert [item.use for item in table] == before


def test_a_line_switched_while_another_is_soloed_stays_so(own, scene):
    table = own.parent.facewright.mapping
    table[3].use = False
    before = [item.use for item in table]
    bpy.ops.facewright.mapping_solo(index=17)
    table[3].use = True  # on, and back to being seen
    table[8].use, table[8].use = True, False  # off for good
    table[17].use = False  # the one that is soloed
    assert character.find(own, scene).channels == {table[3].source}
    bpy.ops.facewright.mapping_solo(index=17)
    expected = {3: True, 8: False, 17: False}
    assert [item.use for item in table] == [expected.get(index, was) for index, was in enumerate(before)]
    bpy.ops.facewright.mapping_solo(index=5)
    bpy.ops.facewright.mapping_solo(index=5)
    assert [item.use for item in table] == [expected.get(index, was) for index, was in enumerate(before)]


def test_what_is_handed_on_knows_no_solo(own, presets, make_mesh):
    own.parent.facewright.mapping[3].use = False
    mine = lines(own)
    ann = make_mesh("Ann", ["jawOpen", "mouthFunnel"])
    bpy.context.view_layer.objects.active = own
    bpy.ops.facewright.mapping_solo(index=17)
    path = presets / "out.toml"
    assert bpy.ops.facewright.mapping_export(filepath=str(path)) == {"FINISHED"}
    assert bpy.ops.facewright.mapping_copy(to="Ann") == {"FINISHED"}
    assert mapping_file.read(path) == lines(ann) == mine
    assert sum(item.use for item in own.parent.facewright.mapping) == 1


def test_see_a_line_at_one(own, scene):
    index = [item.target for item in own.parent.facewright.mapping].index("jawOpen")
    own.parent.facewright.mapping[index].gain = 0.8
    assert bpy.ops.facewright.mapping_test(index=index) == {"FINISHED"}
    for name in ("Bob face", "Bob teeth", "Bob tongue"):
        assert value(bpy.data.objects[name], "jawOpen") == pytest.approx(0.8)
    own.parent.facewright.mapping[index].target = "gone"
    assert "Nothing of 'Bob' is called 'gone'" in error_of(bpy.ops.facewright.mapping_test, index=index)


def test_every_edit_is_one_undo_step(face, scene):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.facewright.mapping_match("EXEC_DEFAULT", True)
    bpy.ops.facewright.mapping_solo("EXEC_DEFAULT", True, index=2)
    bpy.ops.facewright.mapping_remove("EXEC_DEFAULT", True, index=2)
    assert len(lines(bpy.data.objects["Bob face"])) == 51
    bpy.ops.ed.undo()
    assert sum(line.use for line in lines(bpy.data.objects["Bob face"])) == 1
    bpy.ops.ed.undo()
    assert sum(line.use for line in lines(bpy.data.objects["Bob face"])) == 52
    bpy.ops.ed.undo()
    assert lines(bpy.data.objects["Bob face"]) is None
    bpy.ops.ed.redo()
    assert len(lines(bpy.data.objects["Bob face"])) == 52


def test_an_edit_shows_in_the_preview_at_once(own, scene):
    root = own.parent
    take = store.Take(random_motion(50), Speech("/nowhere/a.wav", frame=1.0), 0, "CPU")
    store.store(root, take)
    root.facewright.preview = True
    scene.frame_set(5)
    shown = value(own, "jawOpen")
    assert shown > 0.05
    row = next(item for item in root.facewright.mapping if item.target == "jawOpen")
    row.gain = 0.5
    assert value(own, "jawOpen") == pytest.approx(shown / 2)
    row.use = False
    assert value(own, "jawOpen") == 0.0  # the artist's own value
    root.facewright.preview = False


def test_a_row_says_what_the_search_looks_for(own):
    assert own.parent.facewright.mapping[0].name == "eyeBlinkLeft eyeBlinkLeft"
    own.parent.facewright.mapping[0].target = "lid"
    assert own.parent.facewright.mapping[0].name == "eyeBlinkLeft lid"
    assert Line("eyeBlinkLeft", "lid") in lines(own)
