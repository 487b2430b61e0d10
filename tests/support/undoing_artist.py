# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist who also presses undo and redo: the list of keys set by hand goes back and forth with Blender's history."""

from __future__ import annotations

import bpy

from facewright.addon.blender import actions
from support.artist import NEED_CURVES, STEPS, Artist


class UndoingArtist(Artist):
    """An artist after each of whose steps Blender's history grows; some steps go back in it, or forward again.

    Parameters
    ----------
    motion, folder, seed
        As of `Artist`.
    """

    def __init__(self, motion, folder, seed):
        super().__init__(motion, folder, seed)
        self.past, self.at = [], -1
        self.remembers()

    def remembers(self):
        bpy.ops.ed.undo_push(message="step")
        names = {shape: set(names) for shape, names in self.names.items()}
        self.at += 1
        self.past[self.at :] = [(set(self.keys), names, set(self.holes), self.all_keys())]

    def all_keys(self):
        """Every key of every Action there is, with the values that nothing moves."""
        keys = {
            (action.name, slot.identifier if hasattr(slot, "identifier") else "", curve.data_path): [
                (*point.co, *point.handle_left, point.interpolation, point.easing) for point in curve.keyframe_points
            ]
            for action in bpy.data.actions
            for slot in actions.slots_of(action)
            for curve in slot.existing_fcurves
        }
        tracks = {
            block.name: [(t.name, t.mute, [s.action.name for s in t.strips]) for t in block.animation_data.nla_tracks]
            for block in bpy.data.shape_keys
            if block.animation_data is not None
        }
        return keys, tracks

    def moves(self, steps):
        """Go through the history; what is there is what was there, and the list of keys is that of then."""
        while steps:
            way = 1 if steps > 0 else -1
            (bpy.ops.ed.redo if way > 0 else bpy.ops.ed.undo)()
            self.at, steps = self.at + way, steps - way
            keys, names, holes, all_keys = self.past[self.at]
            self.keys, self.holes = set(keys), set(holes)
            self.names = {shape: set(known) for shape, known in names.items()}
            assert self.all_keys() == all_keys
            self.look()

    def goes_back(self):
        self.moves(-min(int(self.random.integers(1, 5)), self.at))

    def goes_forward(self):
        self.moves(min(int(self.random.integers(1, 5)), len(self.past) - 1 - self.at))

    def works(self, steps):
        """Do a number of steps, and look after each."""
        chances = {**STEPS, "goes_back": 10, "goes_forward": 6}
        self.bakes_a_new_action()
        self.remembers()
        for name in self.random.choice(
            [*chances], steps, p=[weight / sum(chances.values()) for weight in chances.values()]
        ):
            if name in NEED_CURVES and not self.curves():
                continue
            self.done.append(str(name))
            getattr(self, name)()
            self.look()
            if name == "saves_and_opens":
                self.past, self.at = [], -1
            if name not in ("goes_back", "goes_forward"):
                self.remembers()
