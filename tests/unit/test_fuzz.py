# SPDX-License-Identifier: GPL-3.0-or-later
"""A short run of the fuzz bench: every reader takes a few damaged files in one of the two ways it may."""

import re
import subprocess
import sys

import pytest
from support.paths import ROOT


@pytest.mark.skipif(sys.platform == "win32", reason="its alarm and its limits are of Unix")
def test_damaged_files_are_read_or_refused_in_one_line():
    command = [sys.executable, ROOT / "tools" / "fuzz.py", "--count", "170", "--seconds", "120", "--seed", "1"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert run.returncode == 0, run.stdout
    outcomes = dict(re.findall(r"(\w+) (\d+)", run.stdout.splitlines()[-1]))
    assert set(outcomes) <= {"read", "refused"}
    assert sum(map(int, outcomes.values())) >= 100
