# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet between two frames are shut on one of them, at any frame rate; everything else stays as it is."""

import wave

import numpy as np
import pytest

from facewright.inference import load_audio
from facewright.inference.core.channels import CHANNELS, MOUTH, VISEMES
from facewright.inference.core.motion import Motion
from facewright.inference.lips.contacts import LOST, lip_contacts, shut_on_frames
from facewright.inference.pipeline.animate import animate
from facewright.models.espeak import speak, synthesise

SENTENCE = "Maybe my mother made a pie. Pop the big balloon, Bob. A map of Bombay."
MORE = "Papa, a bar, a mop, a pie, a map, a bow. Stop a happy puppy. How about a maple copper pot?"


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    speech = tmp_path_factory.mktemp("closures") / "bombay.wav"
    speak(SENTENCE, speech)
    return animate(load_audio(speech), fps=50.0)


@pytest.fixture(scope="module")
def hurried(tmp_path_factory):
    """Said twice as fast, so that lips meet between two frames of a film, too."""
    speech = tmp_path_factory.mktemp("closures") / "hurried.wav"
    data, rate, _ = synthesise(f"{SENTENCE} {MORE}", words_per_minute=340)
    with wave.open(str(speech), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data)
    return animate(load_audio(speech), fps=50.0)


def opening(values):
    parted = np.mean([values[:, CHANNELS.index(f"mouth{way}")] for way in PARTING], axis=0)
    return values[:, CHANNELS.index("jawOpen")] - values[:, CHANNELS.index("mouthClose")] + 0.6 * parted


PARTING = ("LowerDownLeft", "LowerDownRight", "UpperUpLeft", "UpperUpRight")
SHIFTS = np.arange(8) / 8  # of a frame by which the sound lies beside the frames


def least_near(values, seconds, moments, step):
    return np.array([opening(values[np.abs(seconds - moment) <= step]).min() for moment in moments])


def mended(talk, fps):
    """How many closures lie between frames, over all shifts; each of them is then shut on a frame."""
    moments = lip_contacts(talk).moments
    shut, lost = opening(talk.at(moments)), 0
    for shift in SHIFTS:
        seconds = (np.arange(int(talk.end * fps)) + shift) / fps
        values = shut_on_frames(talk, seconds, 1 / fps)
        assert (least_near(values, seconds, moments, 1 / fps) <= shut + LOST + 1e-3).all()
        lost += (least_near(talk.at(seconds), seconds, moments, 1 / fps) > shut + LOST + 1e-3).sum()
    return lost


@pytest.mark.parametrize("fps", [12.0, 15.0])
def test_every_closure_is_on_a_frame(talk, fps):
    assert mended(talk, fps)


@pytest.mark.parametrize("fps", [24000 / 1001, 24.0, 25.0, 30.0])
def test_every_closure_is_on_a_frame_of_a_film(talk, hurried, fps):
    mended(talk, fps)  # there may be none
    assert mended(hurried, fps)


def test_only_mouths_on_single_frames_change(talk):
    found = []
    for shift in SHIFTS:
        seconds = (np.arange(int(12 * talk.end)) + shift) / 12
        shut = shut_on_frames(talk, seconds, 1 / 12)
        found.append((int((shut != talk.at(seconds)).any(axis=1).sum()), seconds, shut))
    _, seconds, shut = max(found, key=lambda one: one[0])
    changed = shut != talk.at(seconds)
    assert {CHANNELS[column] for column in np.flatnonzero(changed.any(axis=0))} <= {*MOUTH, *VISEMES}
    rows = np.flatnonzero(changed.any(axis=1))
    moments = lip_contacts(talk).moments
    shown = np.abs(seconds[rows, None] - moments).argmin(axis=1)
    assert 0 < len(rows) == len(set(shown)), "one frame for each closure, also of two that follow each other"
    one_by_one = [shut_on_frames(talk, seconds[row : row + 1], 1 / 12)[0] for row in range(len(seconds))]
    np.testing.assert_array_equal(one_by_one, shut)


def test_a_motion_without_closures_is_as_it_was():
    motion = Motion(np.full((50, 2), 0.4), ("jawOpen", "browInnerUp"), 50.0)
    np.testing.assert_array_equal(shut_on_frames(motion, np.arange(20) / 24, 1 / 24), motion.at(np.arange(20) / 24))
    assert len(shut_on_frames(motion, np.zeros(0), 1 / 24)) == 0


def test_contacts_are_read_once_and_held_before_and_after_they_are_shut(talk):
    contacts = lip_contacts(talk)
    assert lip_contacts(talk) is contacts
    assert len(contacts.strength) == len(contacts.hold) == talk.frames
    assert (contacts.hold >= contacts.strength).all() and (contacts.hold > contacts.strength).any()
    assert (contacts.hold[np.rint(contacts.moments * talk.fps).astype(int)] == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        contacts.strength[0] = 1.0


def test_contacts_of_a_mouth_without_visemes_are_where_it_comes_to_a_close():
    jaw = np.full(50, 0.4, np.float32)
    jaw[20:24] = 0.0
    contacts = lip_contacts(Motion(jaw[:, None], ("jawOpen",), 50.0))
    np.testing.assert_allclose([contacts.begins, contacts.ends], [[0.4], [0.46]])
    assert (contacts.strength[20:24] == 1).all() and 0 < contacts.strength[19] < 1
    assert not contacts.strength[:18].any() and not contacts.strength[26:].any()
