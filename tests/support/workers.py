# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference process, started as the add-on starts it."""

import contextlib
import subprocess
import sys

from facewright.inference.worker.protocol import read_message
from support.paths import ROOT

COMMAND = [sys.executable, "-m", "inference.worker"]


@contextlib.contextmanager
def started(command=COMMAND):
    """A worker that has said that it is ready."""
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            hello, _ = read_message(process.stdout)
            assert hello["event"] == "ready", hello
            yield process
        finally:
            process.kill()
