# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said and baked in these tests."""

import pytest

from facewright.inference.audio.decode import load_audio
from facewright.inference.pipeline.animate import animate


@pytest.fixture(scope="module")
def talk(speech):
    return animate(load_audio(speech), fps=50.0)
