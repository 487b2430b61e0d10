# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line as a person meets it: in a process of its own, from a checkout."""

import subprocess
import sys

from support.paths import ROOT


def facewright(*arguments):
    command = [sys.executable, "-m", "inference", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
