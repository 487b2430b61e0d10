# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that cannot load its model: the panel that looks at it first takes nothing away from who asks it."""

import time

import pytest

from facewright.addon.worker import process
from facewright.addon.worker.jobs import TakeJob
from facewright.inference.core.clip import Clip
from facewright.inference.core.errors import ModelError
from facewright.inference.worker.protocol import Generate

# What a worker without its model does, as a program of its own: it says why, and ends.
PROGRAM = """
import json, sys
message = {"type": "Failed", "id": 0, "kind": "ModelError", "message": "Expected a released model, found none."}
text = json.dumps({"message": message, "motions": []}).encode()
sys.stdout.buffer.write(len(text).to_bytes(4, "little") + text)
"""


@pytest.fixture
def modelless(addon, tmp_path, monkeypatch):
    """Workers started now have no model."""
    process.stop()
    for folder in (tmp_path / "inference", tmp_path / "inference" / "worker"):
        folder.mkdir()
        (folder / "__init__.py").touch()
    (tmp_path / "inference" / "worker" / "__main__.py").write_text(PROGRAM)
    monkeypatch.setattr(process, "ROOT", tmp_path)
    yield
    process.stop()


def test_a_look_at_the_provider_leaves_the_error_for_generate(modelless):
    job = TakeJob(Generate(clip=Clip("line.wav")))
    deadline = time.monotonic() + 30
    while process.is_running() and time.monotonic() < deadline:  # it ends when it has said why
        time.sleep(0.01)
    time.sleep(0.2)  # until the thread has read its pipe
    assert [process.provider() for _ in range(3)] == ["", "", ""]
    with pytest.raises(ModelError, match="Expected a released model"):
        while not job.poll(wait=0.1):
            pass
