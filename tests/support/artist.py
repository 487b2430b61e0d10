# SPDX-License-Identifier: GPL-3.0-or-later
"""An artist at work on a small character, at random but reproducibly, who keeps a list of every key set by hand."""

from __future__ import annotations

from dataclasses import replace

import bpy
import numpy as np

from facewright.addon.bake import bake, unbake
from facewright.addon.bake.mode import Mode
from facewright.addon.blender.sequencer import Speech
from facewright.addon.character import character
from facewright.addon.takes import store
from facewright.addon.takes.store import Take
from facewright.inference.core.errors import FacewrightError
from facewright.inference.core.motion import Motion
from support.handiwork import Handiwork

FEW = {"keys": "SPARSE", "interpolation": "BEZIER"}


class Artist(Handiwork):
    """One artist, one scene, one random sequence of steps by hand and of Bake and Unbake.

    Parameters
    ----------
    motion : Motion
        What the character says.
    folder : Path
        Where the scene is saved.
    seed : int
        The same seed gives the same steps.
    """

    def __init__(self, motion, folder, seed):
        super().__init__(str(folder / "shot.blend"), seed)
        self.motion = motion
        self.done: list[str] = []
        self._take(0.5)

    @property
    def who(self):
        return character.find(self.objects["face"], bpy.context.scene)

    def _take(self, part):
        motion = replace(self.motion, values=self.motion.values[: int(len(self.motion.values) * part)])
        values = np.clip(motion.values * self.random.uniform(0.7, 1.3), 0, 1)
        made = Take(Motion(values, motion.channels, motion.fps), Speech("/none.wav"), 0, "CPU")
        store.add(character.family_root(self.objects["face"]), [made])
        root = character.family_root(self.objects["face"])
        store.choose(root, len(store.items(root)) - 1)

    def _facewright(self, work):
        """Let facewright do something; what was in use or in a strip must be so still, or be named with its Action."""
        before = self.held_at()
        try:
            said = str(work())
        except FacewrightError:
            said = ""
        after, lost = self.held_at(), []
        for key, held in after.items():
            if not any(held.values()) and any(before[key].values()):
                lost += [] if any(f"'{name}'" in said for name in held) else [key]
        assert not lost, f"{lost} are in no Action in use, and none was named: {said}"
        return said

    def _bakes(self, **mode):
        if self.random.random() < 0.6:
            self._take(float(self.pick([0.2, 0.35, 0.5])))
        mine = self.keys_on_baked_curves()
        scene = bpy.context.scene
        said = self._facewright(lambda: self._all_named(bake.bake(scene, self.who, Mode(**mode))))
        assert said, "the bake was refused"
        if mode.get("into") == "ADDITIVE":
            self.holes.clear()
        elif "Replaced" not in said:
            gone = mine - self.keys_on_baked_curves()
            assert not gone, f"{gone} are not in the Action in use any more"
        self.look_at_holes()

    def _all_named(self, report):
        """The report with all Actions that it names, of which the sentence of the panel has the first two."""
        return f"{report} {' '.join(report.previous)}"

    def bakes_a_new_action(self):
        self._bakes(**self.pick([{}, FEW]))

    def bakes_into_the_action_in_use(self):
        self._bakes(into="EXISTING", **self.pick([{}, FEW]))

    def bakes_a_range(self):
        self._bakes(into=self.pick(["EXISTING", "NEW"]), span=(8, 22), **self.pick([{}, FEW]))

    def bakes_into_the_nla(self):
        self._bakes(into="ADDITIVE", **self.pick([{}, FEW]))

    def takes_a_bake_back(self):
        self._facewright(lambda: unbake.unbake(self.who))
        self.holes.clear()

    def works(self, steps):
        """Do a number of steps, and look after each; then save and open three times, as what has no user would go."""
        all_steps = [getattr(self, name) for name in STEPS]
        weights = np.array([*STEPS.values()], float)
        self.bakes_a_new_action()
        for _ in range(steps):
            step = all_steps[self.random.choice(len(all_steps), p=weights / weights.sum())]
            if not self.curves() and step.__name__ in NEED_CURVES:
                continue
            self.done.append(step.__name__)
            step()
            self.look()
        for _ in range(3):
            self.saves_and_opens()
            self.look()


STEPS = {
    "inserts_a_key": 4,
    "changes_a_value": 4,
    "moves_a_key": 2,
    "rewrites_an_interpolation": 2,
    "deletes_keys": 3,
    "mutes_and_locks_a_curve": 1,
    "renames_a_shape_key": 1,
    "renames_things": 1,
    "parents_the_character": 1,
    "changes_a_key_of_a_strip": 1,
    "locks_a_range": 1,
    "changes_the_frame_rate": 1,
    "puts_another_action_in_use": 1,
    "pushes_down": 1,
    "deletes_or_joins_the_teeth": 1,
    "saves_and_opens": 1,
    "bakes_a_new_action": 3,
    "bakes_into_the_action_in_use": 3,
    "bakes_a_range": 2,
    "bakes_into_the_nla": 1,
    "takes_a_bake_back": 4,
    "separates_a_piece": 1,
}
NEED_CURVES = {
    "changes_a_value",
    "moves_a_key",
    "rewrites_an_interpolation",
    "deletes_keys",
    "mutes_and_locks_a_curve",
}
