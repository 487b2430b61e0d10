# SPDX-License-Identifier: GPL-3.0-or-later
"""A Python of the artist's for the model: named, found, checked with one button, left where it cannot do it."""

import sys
from pathlib import Path

import bpy
import numpy as np
import pytest
from support.paths import ROOT

from facewright.addon.takes import store
from facewright.addon.worker import graphics_python, process
from facewright.inference.devices.kinds import cuda

pytestmark = pytest.mark.skipif(cuda.installed(), reason="onnxruntime-gpu is installed")


@pytest.fixture
def named(addon):
    """Whatever Python a test names for workers, none is named afterwards."""
    yield process.use_python
    process.use_python("")


def refused(**options) -> str:
    """What the button says when it refuses."""
    with pytest.raises(RuntimeError) as told:
        bpy.ops.facewright.check_graphics_card(**options)
    return str(told.value)


def take_of(face, speech) -> np.ndarray:
    assert bpy.ops.facewright.generate(filepath=str(speech)) == {"FINISHED"}
    return store.get(face.parent).motion.values


def test_a_named_python_makes_the_same_take(face, speech, named):
    here = take_of(face, speech)
    named(str(Path(sys.executable).parent.parent))  # the environment, not the file in it
    there = take_of(face, speech)
    assert Path(process.running().child.process.args[0]) == Path(sys.executable)
    assert np.array_equal(here, there)


def test_a_python_without_the_libraries_is_named_in_the_error(face, speech, named, tmp_path):
    empty = tmp_path / "python"
    empty.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "$@"\n')  # without site-packages
    empty.chmod(0o755)
    named(str(empty))
    with pytest.raises(RuntimeError, match=r"of '.*python', which Preferences .* names, stopped"):
        bpy.ops.facewright.generate(filepath=str(speech))


def test_a_python_that_is_gone_is_told(face, speech, named, tmp_path):
    named(str(tmp_path / "nowhere"))
    with pytest.raises(RuntimeError, match=r"Expected a Python at '.*nowhere', found none.*clear it"):
        bpy.ops.facewright.generate(filepath=str(speech))


def test_the_button_says_why_a_python_cannot_and_leaves_it(named):
    assert "built without CUDA" in refused(device="cuda", python=sys.executable)
    assert process.named() == ""
    assert bpy.ops.facewright.check_graphics_card.poll()


def test_the_button_says_how_a_python_is_made_where_none_is_found(named, monkeypatch, tmp_path):
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert graphics_python.found() is None
    told = refused(device="cuda")
    assert "onnxruntime-gpu[cuda,cudnn]" in told and "Graphics Python" in told


@pytest.mark.skipif(sys.platform == "win32", reason="laid out as elsewhere")
def test_an_environment_with_a_library_for_a_card_is_found(monkeypatch, tmp_path):
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "plain"))
    for name in ("plain", graphics_python.NAME):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "python").symlink_to(sys.executable)
    capi = tmp_path / graphics_python.NAME / "lib" / "python3.11" / "site-packages" / "onnxruntime" / "capi"
    capi.mkdir(parents=True)
    (capi / "libonnxruntime_providers_cuda.so").touch()
    assert graphics_python.found() == str(tmp_path / graphics_python.NAME / "bin" / "python")


def test_a_card_that_works_is_told_and_its_python_stays(named, monkeypatch, tmp_path):
    """With a card in software, Chromium's SwiftShader."""
    software, python = Path("/usr/lib/chromium/vk_swiftshader_icd.json"), ROOT / ".venv" / "bin" / "python"
    plugin = next(ROOT.glob(".venv/lib/python3*/site-packages/onnxruntime_ep_webgpu"), None)
    if not software.is_file() or plugin is None or not python.is_file():
        pytest.skip("wants Chromium's SwiftShader, and a Python with onnxruntime-ep-webgpu: `make .venv/ready`")
    monkeypatch.setenv("VK_ICD_FILENAMES", str(software))
    monkeypatch.setenv("ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER", "1")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert bpy.ops.facewright.check_graphics_card(device="webgpu", python=str(python)) == {"FINISHED"}
    assert process.named() == str(python)
