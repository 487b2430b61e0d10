# SPDX-License-Identifier: GPL-3.0-or-later
"""Two heads that are turned to each other by half."""

import pytest
from support import dialogue


@pytest.fixture
def pair(scene):
    """Ann on the left and Ben on the right, 60 cm apart; each sees the other 40 degrees to a side."""
    scene.render.fps = dialogue.FPS
    return dialogue.add_head("Ann", -0.3, 50), dialogue.add_head("Ben", 0.3, -50)
