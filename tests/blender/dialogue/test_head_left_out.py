# SPDX-License-Identifier: GPL-3.0-or-later
"""Eyes that look at a partner while the head is left to the artist: they go all the way, from where it is keyed."""

import numpy as np
import pytest
from support.dialogue import bake, baked, curves, neck, say, seen, select, turn

from facewright.addon.blender.rna import bake_settings_of
from facewright.addon.character import character
from facewright.addon.preview import preview
from facewright.inference.core.eyes import FULL_SIDE
from facewright.inference.core.parts import PARTS

FRAMES = np.arange(1, 251)
FACE = {name.upper() for name in PARTS} - {"HEAD"}
AT = -11.2  # degrees, at which Ann, turned by 75, sees Ben


@pytest.fixture
def ann(pair, scene):
    """Ann, who is turned to Ben but for a little, and listens to him."""
    ann, ben = pair
    ann.rotation_euler.z = np.radians(75)
    say(scene, ben, 20, 8.0)
    ann.facewright.partner = ben
    select(ann)
    return ann


def eyes(root):
    """Yaw of the left eye in its head over the frames, as it was baked, degrees."""
    inward, out = (baked(root, f"eyeLook{way}Left", FRAMES) for way in ("In", "Out"))
    return np.degrees((inward - out) * FULL_SIDE)


def at_partner(yaw, direction):
    """The share of frames at which eyes look at the partner."""
    return np.mean(np.abs(yaw - direction) < 1.5)


def test_the_eyes_go_all_the_way_where_the_head_is_left_out(ann):
    bake(ann, listening=True, parts=FACE)
    assert at_partner(eyes(ann), AT) > 0.5
    assert not any(name == neck(ann).name for name, _, _ in curves(ann))


def test_they_go_on_from_where_the_artist_turned_the_head(ann):
    for frame, turned in ((1, 0.0), (125, 10.0), (250, 0.0)):
        neck(ann).rotation_euler.z = np.radians(turned)
        neck(ann).keyframe_insert("rotation_euler", index=2, frame=frame)
    by_hand = turn(ann, 2, FRAMES)
    bake(ann, listening=True, parts=FACE)
    np.testing.assert_array_equal(turn(ann, 2, FRAMES), by_hand)
    assert at_partner(eyes(ann) - by_hand, AT) > 0.5 and np.ptp(by_hand) > 9


def test_a_preview_shows_what_a_bake_of_the_same_parts_keys(ann, scene):
    bake_settings_of(scene).parts = FACE
    preview.start(scene, character.find(ann, scene), None)
    shown = []
    for frame in FRAMES[::10]:
        scene.frame_set(int(frame))
        shown.append(seen(ann)[0])
    bake(ann, listening=True)
    np.testing.assert_allclose(shown, eyes(ann)[::10], atol=0.05)
    assert not neck(ann).rotation_euler.z
