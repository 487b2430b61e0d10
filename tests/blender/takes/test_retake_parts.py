# SPDX-License-Identifier: GPL-3.0-or-later
"""Punch In of some parts of the face, on frames of its own: all else stays as it was, in the take and in keys."""

import bpy
import numpy as np
import pytest
from support.characters import error_of

from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import store
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.parts import PARTS
from facewright.inference.pipeline.animate import animate


@pytest.fixture(scope="module")
def said(speech):
    """What the worker makes of the first seconds of speech."""
    return store.Take(animate(load_audio(speech, duration=3.0), fps=50.0, seed=3), Speech(str(speech)), 3, "CPU")


@pytest.fixture
def spoken_for(face, scene, said):
    """A face with a take of its own."""
    store.store(character.family_root(face), said)
    return face


def motion_of(face):
    return store.get(character.family_root(face)).motion


def keys_of(face):
    return {
        (obj.name, one.data_path): actions.read(one)
        for obj in (face, *face.parent.children)
        for one in actions.fcurves_of(obj.data.shape_keys)
    }


@pytest.mark.parametrize("part", ["brows", "mouth"])
def test_other_parts_stay_to_the_last_bit_and_so_do_their_keys(spoken_for, scene, part):
    bpy.ops.facewright.bake()
    old, before = motion_of(spoken_for), keys_of(spoken_for)
    assert bpy.ops.facewright.punch_in(first=20, last=50, seed=9, parts={part.upper()}) == {"FINISHED"}
    new, after = motion_of(spoken_for), keys_of(spoken_for)
    chosen = [name in PARTS[part] for name in old.channels]
    assert np.array_equal(new.values[:, np.logical_not(chosen)], old.values[:, np.logical_not(chosen)])
    assert not np.array_equal(new.values[:, chosen], old.values[:, chosen])
    moved = {path for name, path in before if not np.array_equal(after[name, path], before[name, path])}
    assert moved and {path.split('"')[1] for path in moved} <= set(PARTS[part])


def test_it_has_frames_of_its_own_and_those_of_the_bake_until_they_are_set(spoken_for, scene):
    bake, punch = scene.facewright_bake, scene.facewright_punch
    bake.first, bake.last, bake.blend = 20, 50, 3  # as scripts and files from before there were others
    assert (punch.first, punch.last, punch.blend) == (20, 50, 3)
    old = motion_of(spoken_for)
    assert bpy.ops.facewright.punch_in(seed=9) == {"FINISHED"}
    changed = np.flatnonzero((motion_of(spoken_for).values != old.values).any(axis=1)) / 50 * 24 + 1
    assert 20 < changed.min() < 24 and 46 < changed.max() < 50
    punch.first, punch.last = 30, 60
    bake.first, bake.last = 1, 10
    old = motion_of(spoken_for)
    assert bpy.ops.facewright.punch_in(seed=10) == {"FINISHED"}
    changed = np.flatnonzero((motion_of(spoken_for).values != old.values).any(axis=1)) / 50 * 24 + 1
    assert 30 < changed.min() < 34 and 56 < changed.max() < 60
    assert (bake.first, bake.last) == (1, 10)


def test_parts_that_the_bake_leaves_alone_are_not_keyed(spoken_for, scene):
    scene.facewright_bake.parts = {"MOUTH", "JAW"}
    bpy.ops.facewright.bake()
    before, old = keys_of(spoken_for), motion_of(spoken_for)
    assert bpy.ops.facewright.punch_in(first=20, last=50, seed=9, parts={"BROWS"}) == {"FINISHED"}
    assert not np.array_equal(motion_of(spoken_for).values, old.values)
    after = keys_of(spoken_for)
    assert set(before) == set(after) and all(np.array_equal(after[place], before[place]) for place in before)
    assert "Choose some under Punch In" in error_of(bpy.ops.facewright.punch_in, first=20, last=50, parts=set())
