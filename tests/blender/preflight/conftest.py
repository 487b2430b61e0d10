# SPDX-License-Identifier: GPL-3.0-or-later
"""A character with which nothing is wrong."""

import pytest

from facewright.addon.character import character


@pytest.fixture
def who(face, scene, speech):
    """A character with which nothing is wrong."""
    face.parent.facewright.filepath = str(speech)
    return character.find(face, scene)
