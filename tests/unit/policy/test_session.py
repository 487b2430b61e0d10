# SPDX-License-Identifier: GPL-3.0-or-later
"""A computer on which onnxruntime does not load, as Windows without the Visual C++ runtime: what the user reads."""

import os
import subprocess
import sys

from support.paths import ROOT

from facewright.inference.worker.framing import read_packet


def test_the_worker_says_why_it_cannot_start(tmp_path):
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('DLL load failed while importing pybind11_state')\n")
    worker = subprocess.run(
        [sys.executable, "-m", "inference.worker"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    (tmp_path / "said").write_bytes(worker.stdout)
    with (tmp_path / "said").open("rb") as said:
        message, _ = read_packet(said)
    assert worker.returncode == 1
    assert message["type"] == "Failed"
    assert "DLL load failed" in message["message"]
    assert "Visual C++ Redistributable" in message["message"]
