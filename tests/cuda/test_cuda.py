# SPDX-License-Identifier: GPL-3.0-or-later
"""onnxruntime-gpu: what it makes on a graphics card, and what is said where there is none (`make test-cuda`)."""

import subprocess
import sys

import numpy as np
import pytest
from support.command_line import facewright

from facewright.inference.core.errors import DeviceError
from facewright.inference.devices.cards import visible_cards
from facewright.inference.devices.kinds import cuda
from facewright.inference.policy.predictor import load_predictor

pytestmark = pytest.mark.skipif(not cuda.installed(), reason="wants onnxruntime-gpu: `make test-cuda`")
card = pytest.mark.skipif(not visible_cards(), reason="no graphics card of NVIDIA here")
no_card = pytest.mark.skipif(bool(visible_cards()), reason="there is a graphics card")


@card
@pytest.mark.parametrize("model", ["policy", "live"])
def test_curves_are_those_of_the_processor(model, speech):
    from facewright.inference import load_audio

    sound = load_audio(speech)
    there, here = load_predictor(model, "cuda"), load_predictor(model, "cpu")
    assert there.provider == "CUDA"
    np.testing.assert_allclose(there.predict(sound).values, here.predict(sound).values, atol=1e-3)


@card
def test_a_seed_is_the_same_take_twice(speech):
    from facewright.inference import load_audio

    predictor, sound = load_predictor(device="cuda"), load_audio(speech)
    assert np.array_equal(predictor.predict(sound).values, predictor.predict(sound).values)


@no_card
def test_automatic_goes_on_with_the_processor_and_says_why():
    predictor = load_predictor()
    assert predictor.provider == "CPU"
    assert predictor.doubt.startswith("Expected a CUDA device, but ")
    assert "driver" in predictor.doubt or "cannot be loaded" in predictor.doubt


@no_card
def test_cuda_by_name_says_what_is_missing():
    with pytest.raises(DeviceError, match=r"(driver|libraries cannot be loaded).*device auto or cpu"):
        load_predictor(device="cuda")


@no_card
def test_the_command_line_makes_the_file_and_says_where(speech, tmp_path):
    done = facewright("animate", speech, "-o", tmp_path / "take.npz")
    assert done.returncode == 0 and (tmp_path / "take.npz").exists()
    assert "Not on the graphics card: Expected a CUDA device, but " in done.stderr
    assert done.stdout == ""
    assert facewright("animate", speech, "-o", tmp_path / "b.npz", "--device", "cpu", "--quiet").stderr == ""


@no_card
def test_nothing_is_printed_by_the_libraries():
    code = "from facewright.inference import load_predictor; load_predictor()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
