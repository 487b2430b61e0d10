# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processor is chosen: by name, or the best that works; with the plug-in of WebGPU where that is installed."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.command_line import facewright

from facewright.inference.core.errors import DeviceError
from facewright.inference.devices.processor import chosen, state_of
from facewright.inference.policy.predictor import RELEASED, load_predictor

TRIAL = (RELEASED / "policy" / "encoder.onnx").read_bytes()
SOFTWARE_VULKAN = Path("/usr/lib/chromium/vk_swiftshader_icd.json")  # a graphics card in software, Chromium's
WITHOUT_CUDA = "onnxruntime-gpu is installed: `make test-cuda` tries it"


def has_cuda() -> bool:
    from facewright.inference.devices.kinds import cuda

    return cuda.installed()


def test_automatic_is_the_processor_where_there_is_nothing_else():
    if has_cuda():
        pytest.skip(WITHOUT_CUDA)
    processor = chosen("auto", TRIAL)
    assert (processor.kind.LABEL, processor.doubt) == ("CPU", "")


def test_an_unknown_device_is_named_beside_the_known():
    with pytest.raises(DeviceError, match=r"auto, cuda, webgpu, cpu, got 'gpu'"):
        chosen("gpu", TRIAL)


def test_cuda_without_its_library_says_what_to_install():
    if has_cuda():
        pytest.skip(WITHOUT_CUDA)
    with pytest.raises(DeviceError, match=r"facewright\[gpu\].*onnxruntime-gpu.*device auto or cpu"):
        load_predictor(device="cuda")


def test_the_command_line_says_the_same_in_one_line(speech, tmp_path):
    if has_cuda():
        pytest.skip(WITHOUT_CUDA)
    done = facewright("animate", speech, "-o", tmp_path / "take.npz", "--device", "cuda", "--quiet")
    assert done.returncode == 1 and not (tmp_path / "take.npz").exists()
    assert done.stderr.startswith("facewright: Expected a CUDA device") and done.stderr.count("\n") == 1


def test_info_tells_the_state_of_every_kind():
    states = state_of(TRIAL)
    assert list(states) == ["CUDA", "WebGPU", "CPU"] and states["CPU"] == "works"
    told = facewright("info").stdout
    assert all(f"{label}:" in told for label in states)


def test_onnxruntime_installed_over_its_other_half_is_found_out(tmp_path):
    """As pip leaves it when it installs onnxruntime-gpu first: CUDA's library is there, and nothing knows of it."""
    if has_cuda() or sys.platform != "linux":
        pytest.skip(WITHOUT_CUDA)
    there = Path(find_spec("onnxruntime").origin).parent
    (tmp_path / "onnxruntime").mkdir()
    for entry in there.iterdir():
        if entry.name != "capi":
            (tmp_path / "onnxruntime" / entry.name).symlink_to(entry)
    (tmp_path / "onnxruntime" / "capi").mkdir()
    for entry in (there / "capi").iterdir():
        (tmp_path / "onnxruntime" / "capi" / entry.name).symlink_to(entry)
    (tmp_path / "onnxruntime" / "capi" / "libonnxruntime_providers_cuda.so").write_bytes(b"")
    code = "from facewright.inference import load_predictor; p = load_predictor(); print(p.provider, p.doubt)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    given = {"env": environment, "capture_output": True, "text": True, "check": True}
    told = subprocess.run([sys.executable, "-c", code], **given)
    assert told.stdout.startswith("CPU Expected a CUDA device, but onnxruntime was installed over onnxruntime-gpu")
    assert "pip install --force-reinstall --no-deps onnxruntime-gpu" in told.stdout
    assert not told.stderr


@pytest.mark.skipif(find_spec("onnxruntime_ep_webgpu") is None, reason="wants `pip install onnxruntime-ep-webgpu`")
def test_webgpu_without_a_card_says_so():
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ORT_WEBGPU")}
    code = "from facewright.inference import load_predictor; print(load_predictor(device='webgpu').provider)"
    given = {"env": environment, "capture_output": True, "text": True, "check": False}
    told = subprocess.run([sys.executable, "-c", code], **given)
    if told.returncode == 0:
        pytest.skip("there is a graphics card")
    assert "Expected a WebGPU device, but no graphics card was found" in told.stderr


@pytest.mark.skipif(find_spec("onnxruntime_ep_webgpu") is None, reason="wants `pip install onnxruntime-ep-webgpu`")
@pytest.mark.skipif(not SOFTWARE_VULKAN.is_file(), reason="wants Chromium's SwiftShader, a graphics card in software")
def test_webgpu_makes_the_curves_of_the_processor(tmp_path):
    """All networks of the model, run as shaders. Those of live sound want more than this one can; it is said so."""
    (tmp_path / "run.py").write_text(
        "import json, sys\n"
        "import numpy as np\n"
        "from facewright.inference import Audio\n"
        "from facewright.inference.policy.predictor import load_predictor\n"
        "t = np.arange(8_000) / 16_000\n"
        "sound = Audio((np.sin(754 * t) * np.sin(19 * t) * 0.2).astype('f4'))\n"
        "on = {device: load_predictor(device=device) for device in ('cpu', 'webgpu')}\n"
        "here, there = (predictor.predict(sound).values for predictor in on.values())\n"
        "print(json.dumps([on['webgpu'].provider, float(np.abs(here - there).max())]))\n"
        "load_predictor('live', 'webgpu')\n"
    )
    software = {"VK_ICD_FILENAMES": str(SOFTWARE_VULKAN), "ORT_WEBGPU_EP_ALLOW_SOFTWARE_ADAPTER": "1"}
    environment = {**os.environ, **software, "XDG_RUNTIME_DIR": str(tmp_path)}
    given = {"env": environment, "capture_output": True, "text": True, "check": False}
    told = subprocess.run([sys.executable, tmp_path / "run.py"], **given)
    provider, far = json.loads(told.stdout)
    assert provider == "WebGPU" and far < 1e-3
    assert "DeviceError: Expected a WebGPU device, but: Too many storage buffers" in told.stderr
