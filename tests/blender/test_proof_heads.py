# SPDX-License-Identifier: GPL-3.0-or-later
"""ICT-FaceKit and the MPFB head, in parts, as their users have them: recognised, and all parts move as they should.

Where each vertex belongs is worked out from the heads' data and the take alone (`tools/proof_measure.py`).
"""

import bpy
import numpy as np
import proof_measure as measure
import pytest
from proof import scrambled
from proof_heads import HEADS, build, load
from proof_measure import channel_of
from scramble_names import SCRAMBLES

from facewright.addon.bake import bake
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.inference.audio.decode import load_audio
from facewright.inference.lips.contacts import shut_on_frames
from facewright.inference.pipeline.animate import animate

CONVENTION = {"ict": "ICT-FaceKit", "mpfb": "MPFB / MakeHuman"}


@pytest.fixture(scope="module")
def talk(speech):
    """Three seconds of a real voice, animated."""
    return animate(load_audio(speech, duration=3.0), fps=50.0)


@pytest.fixture(scope="module", params=HEADS)
def data(request, shared):
    return request.param, load(request.param, shared)


@pytest.fixture
def head(data, scene, speech):
    """A head in the scene; its character is found and its sound chosen."""
    which, loaded = data
    root = build(loaded, armature=which == "mpfb")
    root.facewright.filepath = str(speech)
    return loaded


def found():
    return character.find(bpy.context.view_layer.objects.active, bpy.context.scene)


def test_it_is_recognised_and_nothing_is_wrong_with_it(head, data):
    who = found()
    assert CONVENTION[data[0]] in who.convention
    assert "100 %" in who.convention
    assert who.root.name == head.name
    assert who.missing == ()
    assert {name for name in who.unmatched if not name.startswith("PupilDilate")} == set()
    moving = {o.name for o in bpy.data.meshes if o.shape_keys and any(map(channel_of, o.shape_keys.key_blocks.keys()))}
    assert {part.obj.data.name for part in who.meshes} == moving
    assert inspection.inspect(bpy.context.scene, who) == []


def test_every_vertex_of_every_part_goes_where_the_take_puts_it(head, scene, talk):
    who = found()
    bake.bake_motion(scene, who, talk, frame=1.0, name="speech")
    assert inspection.inspect(scene, who) == []
    timeline = timeline_of(scene, 1.0)
    frames = range(1, int(timeline.frame(talk.end)), 3)
    points = measure.trajectory(head, frames)
    meant = shut_on_frames(talk, timeline.seconds(np.array(frames)), 1 / timeline.fps)
    for seen, row in zip(points, meant, strict=True):
        at = dict(zip(talk.channels, row.tolist(), strict=True))
        assert np.abs(seen - measure.wanted(head, at)).max() < 1e-4  # metres
    jaw = meant[:, talk.channels.index("jawOpen")]
    assert np.ptp(jaw) > 0.1
    inside = meant[:, talk.channels.index("tongueOut")] < 1e-3  # where the tongue does not move by itself
    for part in ("Lower Teeth", "Tongue" if "Tongue" in head.parts else "Gums and Tongue"):
        assert measure.drop(head, points[inside], part).max() > 0.001
        assert measure.follows(head, points[inside], part, jaw[inside]) > 0.99
    still = points[:, measure.numbers(head, "Upper Teeth")] - head.points[measure.numbers(head, "Upper Teeth")]
    assert np.abs(still).max() < 1e-3


def test_lips_come_together_and_do_not_cross(head, scene, talk):
    """mouthClose of ICT-FaceKit is stronger than Apple's: plainly copied, its lips would go through one another."""
    bake.bake_motion(scene, found(), talk, frame=1.0, name="speech")
    parted = measure.parting(head, measure.trajectory(head, range(1, int(timeline_of(scene, 1.0).frame(talk.end)))))
    assert parted.max() > 0.005
    assert -0.0005 < parted.min() < 0.0005  # metres


@pytest.mark.parametrize("how", SCRAMBLES)
def test_its_names_may_be_spelled_otherwise(data, how):
    for missing in (0.0, 0.2):
        said = scrambled(data[1], how, missing)
        assert "wrong" not in said
        right, names = (int(word) for word in said.partition(" (")[0].split(" of "))
        assert right >= (0.9 if how == "a third mistyped" else 1.0) * names
