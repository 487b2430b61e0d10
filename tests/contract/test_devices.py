# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of processor must have, over whatever is found in its folder."""

import pytest

from facewright.inference.core.errors import DeviceError
from facewright.inference.core.plugins import modules_in
from facewright.inference.devices import kinds
from facewright.inference.devices.processor import chosen, device_names
from facewright.inference.devices.runtime import onnxruntime
from facewright.inference.policy.predictor import RELEASED

KINDS = modules_in(kinds.__name__)
TRIAL = (RELEASED / "policy" / "encoder.onnx").read_bytes()


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_is_named_and_described(name):
    kind = KINDS[name]
    assert kind.LABEL.lower() == name
    assert kind.ABOUT[0].islower() and kind.ABOUT[-1].isalpha()
    assert kind.PROVIDER.endswith("ExecutionProvider")
    assert isinstance(kind.AUTOMATIC, bool) and isinstance(kind.installed(), bool)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_runs_a_network_or_says_why_not_and_what_to_do(name):
    try:
        processor = chosen(name, TRIAL)
    except DeviceError as error:
        assert str(error).startswith(f"Expected a {KINDS[name].LABEL} device, but ")
        assert str(error).endswith("se device auto or cpu.")
    else:
        assert processor.session(TRIAL, threads=1).get_providers()[0] == KINDS[name].PROVIDER


@pytest.mark.parametrize("name", KINDS)
def test_a_reason_repeats_what_the_library_said(name):
    reason = KINDS[name].reason(onnxruntime(), "the moon is in the way")
    assert "the moon is in the way" in reason or "cannot be loaded" in reason or "driver" in reason


def test_the_processor_of_the_computer_is_always_there_and_taken_last():
    assert device_names()[0] == "auto" and device_names()[-1] == "cpu"
    assert KINDS["cpu"].installed() and KINDS["cpu"].AUTOMATIC
