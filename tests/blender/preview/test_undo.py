# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo around previews: what is shown, and what the artist's own values are, is what it was at each step."""

import os

import bpy
import pytest
from support.characters import make_face, make_mesh, random_motion
from support.history import History

from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import store
from facewright.inference.core.channels import ARKIT

SEQUENCES = int(os.environ.get("FACEWRIGHT_SEQUENCES", "3"))


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_random_work_with_undo(scene, tmp_path, seed):
    make_mesh("Ann", ARKIT)
    make_face()
    for number, name in enumerate(("Ann", "Bob")):
        takes = [store.Take(random_motion(100, seed=number + k), Speech("/a.wav"), k, "CPU") for k in (0, 3)]
        store.add(bpy.data.objects[name], takes)
    history = History(
        ["Ann", "Bob"], seed, lambda call, **to: call(**to), actions.fcurves_of, str(tmp_path / "a.blend")
    )
    try:
        for _ in range(40):
            history.does(history.picks())
    except Exception as error:
        error.add_note(f"after {', '.join(history.done)}")
        raise
