# SPDX-License-Identifier: GPL-3.0-or-later
"""A character whose mapping is written out."""

import bpy
import pytest

from facewright.addon.ui.mapping import files


@pytest.fixture
def own(face):
    """A character whose mapping is written out."""
    assert bpy.ops.facewright.mapping_match() == {"FINISHED"}
    return face


@pytest.fixture
def presets(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "folder", lambda create=False: tmp_path)
    return tmp_path
