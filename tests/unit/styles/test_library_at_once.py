# SPDX-License-Identifier: GPL-3.0-or-later
"""Two programs that save styles at the same moment lose none."""

import subprocess
import sys

from facewright.inference.styles.library import Library

SAVE = """
import sys
from pathlib import Path
import numpy as np
from facewright.inference.styles.library import Library
from facewright.inference.styles.style import Style
library = Library(Path(sys.argv[1]))
sys.stdin.readline()
for number in range(15):
    library.add(Style("Bob", np.full(40, 1 + 0.01 * (number + int(sys.argv[2]) * 20), np.float32)))
"""


def test_all_styles_of_four_programs_are_there(tmp_path):
    command = [sys.executable, "-c", SAVE, str(tmp_path)]
    running = [subprocess.Popen([*command, str(k)], stdin=subprocess.PIPE, text=True) for k in range(4)]
    for one in running:  # all at once
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    assert [one.wait(60) for one in running] == [0] * 4
    for one in running:
        one.stdin.close()
    library = Library(tmp_path)
    own = library.own
    assert len(own) == 60 and len(set(own.values())) == 60
    gains = sorted(round(float(library.get(name).slots[0]), 2) for name in own)
    assert gains == sorted(round(1 + 0.01 * (number + k * 20), 2) for k in range(4) for number in range(15))
