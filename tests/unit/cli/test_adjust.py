# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders on the command line and in `animate`."""

import argparse

import numpy as np
import pytest
from support.command_line import facewright

from facewright.inference import Sliders, animate, load_audio, load_predictor
from facewright.inference.cli.adjust import add_sliders, sliders_of
from facewright.inference.core.errors import StyleError
from facewright.inference.formats import exporter_for


def parsed(*words):
    parser = argparse.ArgumentParser()
    add_sliders(parser)
    return sliders_of(parser.parse_args(words))


def test_the_same_as_from_python(speech, tmp_path):
    out = tmp_path / "a.npz"
    words = ("--slider", "jaw=1.4", "--slider", "lead=-40", "--slider", "energy=0.5", "--emotion", "joy=0.5")
    done = facewright("animate", speech, "-o", out, "--duration", 2, *words, "--phone", "M B P=1.5", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    dialled = Sliders({"jaw": 1.4, "lead": -40.0, "energy": 0.5}, {"joy": 0.5}, phones=dict.fromkeys("MBP", 1.5))
    audio, predictor = load_audio(speech, duration=2.0), load_predictor(device="cpu")
    expected = animate(audio, sliders=dialled, predictor=predictor)
    written = exporter_for(out).read(out)
    np.testing.assert_array_equal(written.channel("jawOpen"), expected.channel("jawOpen"))
    np.testing.assert_array_equal(written.channel("mouthSmileLeft"), expected.channel("mouthSmileLeft"))
    plain = animate(audio, predictor=predictor)
    assert expected.channel("mouthSmileLeft").mean() > plain.channel("mouthSmileLeft").mean() + 0.1


def test_words_become_sliders():
    dialled = parsed("--slider", "blinks=0", "--mask", "brows=0.5", "--phone", "UW=1.5", "--phone", "F V=0.5")
    assert dialled.values == {"blinks": 0.0} and dialled.masks == {"brows": 0.5}
    assert dialled.phones == {"UW": 1.5, "F": 0.5, "V": 0.5}
    assert parsed() is None and parsed("--slider", "jaw=1") is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--slider", "chin=1"), "slider called lead"),
        (("--slider", "jaw=3"), "Expected 0 to 2 for the slider jaw"),
        (("--emotion", "love=1"), "emotion called anger"),
        (("--phone", "QQ=1"), "phone such as M"),
        (("--mask", "jaw=2"), "Expected 0 to 1 for the mask jaw"),
    ],
)
def test_wrong_ones_are_told(words, said):
    with pytest.raises(StyleError, match=said):
        parsed(*words)


def test_a_slip_of_the_pen_is_wrong_usage():
    with pytest.raises(SystemExit) as raised:
        parsed("--slider", "jaw:1.2")
    assert raised.value.code == 2
