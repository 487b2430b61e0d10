# SPDX-License-Identifier: GPL-3.0-or-later
"""Gains of phonemes: the table, the marks on the timeline, and what has to be heard for them."""

import bpy
import numpy as np
import pytest
from support.characters import error_of
from support.dials import settings

from facewright.addon.adjust import evaluate
from facewright.addon.blender.sequencer import Speech
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.character import character
from facewright.addon.takes import analysis, store
from facewright.addon.ui.adjust import phonemes_panel
from facewright.inference.adjust.phoneme_gains import SPOKEN
from facewright.inference.core.analysis import CURVES
from facewright.inference.core.channels import ARKIT


def test_a_group_of_phones_is_one_drag_that_keeps_their_differences(shown):
    own = settings(shown)
    own.phone_M = 1.2
    assert own.group_0 == pytest.approx((1.2 + 1 + 1) / 3)
    own.group_0 = 1.6
    assert own.group_0 == pytest.approx(1.6, abs=1e-5)
    assert own.phone_M == pytest.approx(1.2 * own.phone_B, abs=1e-5)
    own.group_0 = 0.0
    own.group_0 = 1.0
    assert (own.phone_M, own.phone_B, own.phone_P) == (1.0, 1.0, 1.0)


def test_the_table_of_phones_is_sorted_and_searched():
    counts = {"M": 3, "AE": 7, "B": 1}
    groups = [f"group_{number}" for number in range(10)]
    assert phonemes_panel.rows(counts, "GROUP", "", ()) == groups
    opened = phonemes_panel.rows(counts, "GROUP", "", {"group_0"})
    assert opened == ["group_0", "phone_M", "phone_B", "phone_P", *groups[1:]]
    often = phonemes_panel.rows(counts, "OFTEN", "", ())
    assert often[:3] == ["phone_AE", "phone_M", "phone_B"] and len(often) == 39
    named = phonemes_panel.rows(counts, "NAME", "", ())
    assert named == sorted(f"phone_{phone}" for phone in SPOKEN)
    assert phonemes_panel.rows(counts, "GROUP", "m pee", ()) == ["phone_M", "phone_P"]
    assert phonemes_panel.rows(counts, "OFTEN", "CHEESE", ()) == ["phone_CH"]


def test_phones_are_marked_where_they_are_spoken_and_only_those_marks_go(shown, scene):
    scene.timeline_markers.new("mine", frame=7)
    bpy.ops.facewright.phones_mark(phones="M B P")
    names = {marker.name for marker in scene.timeline_markers}
    assert names <= {"mine", "[M]", "[B]", "[P]"} and len(names) > 1
    count = len(scene.timeline_markers)
    bpy.ops.facewright.phones_mark(phones="M B P")
    assert len(scene.timeline_markers) == count, "marked again, not twice"
    heard = analysis.of(shown.root, store.get(shown.root)).curves()
    for marker in scene.timeline_markers:
        if marker.name != "mine":
            shares = heard.at([(marker.frame - 4.3) / 24])[0]
            assert shares[CURVES.index(marker.name[1:-1])] > 0.1
    bpy.ops.facewright.phones_unmark()
    assert [marker.name for marker in scene.timeline_markers] == ["mine"]
    assert "got 'XX'" in error_of(bpy.ops.facewright.phones_mark, phones="XX")


def test_what_needs_an_analysis_rests_without_one(face, scene, quiet):
    who = character.find(face, scene)
    take = store.Take(quiet, Speech("/nowhere/other.wav", frame=1.0), 0, "CPU")
    store.store(who.root, take)
    who.root.facewright.slider_energy = who.root.facewright.phone_M = 1.5
    made = evaluate.motion_of(scene, who.root, store.get(who.root), timeline_of(scene, 1.0))
    np.testing.assert_array_equal(made.values, quiet.values)
    assert "Nobody listened" in error_of(bpy.ops.facewright.phones_mark, phones="M")


def test_generate_listens(face, scene, speech):
    bpy.ops.facewright.generate(filepath=str(speech), frame=1.0)
    root = face.parent
    take = store.get(root)
    assert analysis.of(root, take).phonemes.frames == take.motion.frames
    counts = analysis.counts(root, take)
    assert sum(counts.values()) > 20
    root.facewright.slider_energy = 1.0
    louder = evaluate.motion_of(scene, root, take, timeline_of(scene, 1.0))
    assert np.abs(louder.select(ARKIT).values - take.motion.select(ARKIT).values).max() > 0.02


def test_a_take_made_again_is_listened_to_again(face, scene, speech):
    bpy.ops.facewright.generate(filepath=str(speech), frame=1.0)
    root = face.parent
    (line,) = root.facewright.lines
    line.heard = line.heard_key = ""
    analysis.clear()
    assert analysis.of(root, store.get(root)) is None
    bpy.ops.facewright.take_again()
    assert analysis.of(root, store.get(root)).phonemes.frames == store.get(root).motion.frames
