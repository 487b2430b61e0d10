# SPDX-License-Identifier: GPL-3.0-or-later
"""Motion as text for the .blend: the same to the last bit, small, and damage does no harm."""

import base64
import zlib

import numpy as np
import pytest

from facewright.inference import animate, load_audio
from facewright.inference.core.channels import CHANNELS
from facewright.inference.core.motion import Motion
from facewright.inference.takes.packing import BackgroundPack, pack, unpack


def test_motion_comes_back_to_the_last_bit(speech):
    motion = animate(load_audio(speech, duration=2.0), fps=50, seed=1)
    text = pack(motion)
    again = unpack(text)
    assert again.values.tobytes() == motion.values.tobytes()
    assert (again.channels, again.fps, again.start) == (motion.channels, motion.fps, motion.start)
    assert text.isascii() and len(text) < 20_000 * 2  # about 13 kB a second


@pytest.mark.parametrize("values", [np.zeros((1, 2)), np.array([[1e-42, -0.0], [3.4e38, np.pi]])])
def test_odd_numbers_come_back(values):
    motion = Motion(values, ("a", "ü"), 23.976, -1.5)
    again = unpack(pack(motion))
    assert again.values.tobytes() == motion.values.tobytes()
    assert (again.channels, again.fps, again.start) == (motion.channels, motion.fps, motion.start)


def test_packed_in_a_thread_it_is_the_same():
    motion = Motion(np.random.default_rng(0).random((5000, len(CHANNELS))), CHANNELS, 50.0)
    packing = BackgroundPack(motion, 1 << 24)
    assert packing.is_done(wait=60.0)
    assert packing.text() == pack(motion)
    assert BackgroundPack(motion, 1000).text() == ""  # it is longer


def test_what_fails_in_a_thread_is_raised_where_the_text_is_asked_for():
    packing = BackgroundPack(Motion(np.ones((50, 1)), (object(),), 50.0), 1 << 24)
    assert packing.is_done(wait=60.0)
    with pytest.raises(TypeError, match="JSON"):
        packing.text()


def test_damage_gives_none():
    text = pack(Motion(np.ones((50, len(CHANNELS))), CHANNELS, 50.0))
    for place in range(0, len(text), 7):
        damaged = text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :]
        motion = unpack(damaged)
        assert motion is None or motion.values.shape[1] == len(CHANNELS)
    for other in ("", "x", "é", text[:-20], base64.b64encode(zlib.compress(b"{}\n")).decode()):
        assert unpack(other) is None
