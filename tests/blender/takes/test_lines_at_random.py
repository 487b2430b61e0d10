# SPDX-License-Identifier: GPL-3.0-or-later
"""Random work on the lines of a character: no key that was set by hand is ever lost, whatever is baked and taken back.

``FACEWRIGHT_SEQUENCES=300`` tries that many.
"""

import os
import random

import bpy
import pytest
from support.characters import JAW, make_mesh, random_motion

from facewright.addon.blender import actions
from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import lines, store

SEQUENCES = int(os.environ.get("FACEWRIGHT_SEQUENCES", 5))
BEGINS = (1, 150, 320)


class Shot:
    """A character with three lines, and a record of our own of the keys that were set by hand."""

    def __init__(self, scene, seed):
        self.choose = random.Random(seed)
        self.face = make_mesh("Ann", ["jawOpen", "mouthFunnel", "browInnerUp"])
        for number, begin in enumerate(BEGINS):
            speech = Speech(f"/none{number}.wav", frame=float(begin))
            lines.add(scene, self.face, [store.Take(random_motion(100, seed=number), speech, number, "CPU")])
        self.hand = {}  # frame -> value

    def jaw(self):
        home = actions.slot_in_use(self.face.data.shape_keys)
        return next((one for one in home.existing_fcurves if one.data_path == JAW), None) if home else None

    def chooses(self):
        self.face.facewright.line_index = self.choose.randrange(3)

    def bakes(self):
        into, keys = self.choose.choice(("EXISTING", "EXISTING", "NEW")), self.choose.choice(("DENSE", "SPARSE"))
        bpy.ops.facewright.bake(into=into, keys=keys)

    def bakes_a_part(self):
        bpy.ops.facewright.bake(parts={self.choose.choice(("JAW", "BROWS", "MOUTH"))})

    def bakes_all(self):
        bpy.ops.facewright.bake_scene()

    def takes_back(self):
        bpy.ops.facewright.unbake(last=self.choose.random() < 0.3)

    def moves(self):
        number = self.choose.randrange(3)
        self.face.facewright.line_index = number
        self.face.facewright.frame = float(BEGINS[number] + self.choose.choice((-20, 0, 15)))

    def locks(self):
        line = lines.items(self.face)[self.choose.randrange(3)]
        line.lock = not line.lock

    def edits(self):
        curve = self.jaw()
        if curve is not None:
            point = curve.keyframe_points[self.choose.randrange(len(curve.keyframe_points))]
            frame, value = round(point.co.x, 2), round(self.choose.random(), 3)
            point.co.y = value
            curve.update()
            self.hand[frame] = value

    def inserts(self):
        curve = self.jaw()
        if curve is not None:
            frame, value = self.choose.randrange(-40, 420) + 0.5, round(self.choose.random(), 3)
            curve.keyframe_points.insert(frame, value)
            self.hand[frame] = value

    def lost(self):
        """The keys by hand that are in no Action that has a user."""
        there = {}
        for slot in (slot for action in bpy.data.actions if action.users for slot in actions.slots_of(action)):
            for curve in (one for one in slot.existing_fcurves if one.data_path == JAW):
                for frame, value in actions.read(curve)["co"].tolist():
                    there.setdefault(round(frame, 2), []).append(value)
        return {f: v for f, v in self.hand.items() if not any(abs(v - one) < 2e-4 for one in there.get(f, ()))}


STEPS = (
    Shot.chooses,
    Shot.bakes,
    Shot.bakes,
    Shot.bakes_a_part,
    Shot.bakes_all,
    Shot.takes_back,
    Shot.moves,
    Shot.locks,
    Shot.edits,
    Shot.inserts,
)


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_no_key_by_hand_is_lost(scene, seed):
    shot, done = Shot(scene, seed), []
    for _ in range(25):
        step = shot.choose.choice(STEPS)
        try:
            step(shot)
            done.append(step.__name__)
        except RuntimeError as error:  # refused, with a sentence
            assert "Traceback" not in str(error), str(error)
            done.append(f"{step.__name__} (refused)")
        assert not shot.lost(), done
