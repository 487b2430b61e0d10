# SPDX-License-Identifier: GPL-3.0-or-later
"""Few keys: within the error as Blender evaluates them, lips shut on every p, b and m."""

from dataclasses import replace

import numpy as np
import pytest
from support.characters import bake_it, curve

from facewright.addon.bake import bake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender.sequencer import Speech
from facewright.inference.core.channels import ARKIT
from facewright.inference.core.motion import Motion
from facewright.inference.lips.contacts import LOST, lip_contacts, lip_opening
from facewright.inference.retarget.performance import Placed


@pytest.mark.parametrize("interpolation", ["BEZIER", "LINEAR"])
@pytest.mark.parametrize("fps", [24, 30])
def test_few_keys_stay_within_the_error_as_blender_evaluates_them(face, who, scene, talk, interpolation, fps):
    scene.render.fps = fps
    report = bake_it(who, talk, keys="SPARSE", interpolation=interpolation)
    assert report.keys < report.dense / 3
    assert f"{report.keys} keys instead of {report.dense}" in str(report)
    frames = np.arange(report.frames[0], report.frames[1] + 1)
    for name in ARKIT:
        one = curve(face, f'key_blocks["{name}"].value')
        dense = talk.select([name]).at((frames - 1) / fps)[:, 0]
        shown = np.array([one.evaluate(frame) for frame in frames])
        assert np.abs(shown - dense).max() <= 0.01 + 1e-4
        between = np.array([one.evaluate(frame) for frame in np.arange(frames[0], frames[-1], 0.25)])
        assert between.min() >= talk.channel(name).min() - 1e-6
        assert between.max() <= talk.channel(name).max() + 1e-6
        assert {point.interpolation for point in one.keyframe_points} == {interpolation}


def test_few_keys_at_a_late_frame(face, who, scene, talk):
    """Frames are single precision in Blender: 100,000 frames on, handles lie where they may."""
    report = bake_it(who, talk, frame=100000.0, keys="SPARSE", interpolation="BEZIER")
    frames = np.arange(report.frames[0], report.frames[1] + 1)
    dense = talk.select(["jawOpen"]).at((frames - 100000) / 24)[:, 0]
    assert max(abs(curve(face).evaluate(f) - v) for f, v in zip(frames, dense, strict=True)) <= 0.012
    assert bake_it(who, talk, frame=100000.0, keys="SPARSE", interpolation="BEZIER").kept == 0


@pytest.mark.parametrize("speed", [1.0, 0.5, 1.5])
def test_lips_meet_exactly_at_every_closure(face, who, scene, talk, speed):
    """At another speed of the sound, too: its closures go with it."""
    mode, speech = Mode(keys="SPARSE", interpolation="BEZIER"), Speech("line.wav", speed=speed)
    bake.plan_placed(scene, who, {"": Placed(talk, speech.timeline(scene), 0.0)}, name="speech", mode=mode)()
    moments = lip_contacts(talk).moments
    assert len(moments)
    for moment in moments:
        at = 1 + moment * 24 / speed
        near = abs(at - round(at)) <= 0.2
        seconds = (round(at) - 1) / 24 * speed if near else moment
        for name in ("jawOpen", "mouthClose"):
            expected = talk.select([name]).at([seconds])[0, 0]
            one = curve(face, f'key_blocks["{name}"].value')
            assert one.evaluate(round(at) if near else at) == pytest.approx(float(expected), abs=2e-4)


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_a_key_on_every_frame_has_every_closure_on_one(face, who, scene, talk, fps):
    """Lips that meet between two frames meet on the nearer one, wherever the sound begins."""
    scene.render.fps = fps
    names = (
        "jawOpen",
        "mouthClose",
        *(f"mouth{way}{s}" for way in ("LowerDown", "UpperUp") for s in ("Left", "Right")),
    )
    moments = lip_contacts(talk).moments
    for start in (1.0, 1.4, 1.8):
        report = bake_it(who, talk, frame=start)
        frames = np.arange(report.frames[0], report.frames[1] + 1)
        curves = [curve(face, f'key_blocks["{name}"].value') for name in names]
        shown = lip_opening(Motion([[one.evaluate(frame) for one in curves] for frame in frames], names, fps))
        for moment, least in zip(moments, lip_opening(replace(talk, values=talk.at(moments))), strict=True):
            near = np.abs(frames - start - moment * fps) <= 1
            assert shown[near].min() <= least + LOST + 1e-3


def test_bezier_on_every_frame_does_not_overshoot(face, who, scene, motion):
    bake_it(who, motion, interpolation="BEZIER")
    shown = [curve(face).evaluate(frame) for frame in np.arange(1, 97, 0.1)]
    assert min(shown) >= 0
    assert max(shown) <= 1
    assert curve(face).keyframe_points[3].interpolation == "BEZIER"
