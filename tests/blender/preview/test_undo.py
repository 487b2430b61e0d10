# SPDX-License-Identifier: GPL-3.0-or-later
"""Undo and redo around previews: what is shown, and what the artist's own values are, is what it was at each step.

``FACEWRIGHT_SEQUENCES=300`` runs as many.
"""

import os

import bpy
import pytest
from support.characters import make_face, make_mesh, random_motion
from support.undo_work import UndoWork

from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import lines, store
from facewright.inference.core.channels import ARKIT

SEQUENCES = int(os.environ.get("FACEWRIGHT_SEQUENCES", "3"))


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_random_work_with_undo(scene, speech, tmp_path, seed):
    make_mesh("Ann", ARKIT)
    make_face()
    for name in ("Ann", "Bob"):
        for begin in (1.0, 25.5):  # a line each, of two takes
            spoken = Speech(str(speech), duration=1.0, frame=begin)
            takes = [store.Take(random_motion(50, seed=int(begin) + k), spoken, k, "CPU") for k in (0, 3)]
            lines.add(scene, bpy.data.objects[name], takes)
    path = str(tmp_path / "shot.blend")
    history = UndoWork(["Ann", "Bob"], seed, lambda operator, **to: operator(**to), actions.fcurves_of, path)
    try:
        for _ in range(40):
            history.does(history.picks())
    except Exception as error:
        error.add_note(f"after {', '.join(history.done)}")
        raise
