# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes of a character by their place, and takes that need no model."""

from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import lines, store
from support.characters import random_motion


def of(root, place):
    return store.read(store.items(root)[place])


def made_up(face, count=2):
    """Takes that were not generated, for what needs no model."""
    root = face.parent
    store.add(root, [store.Take(random_motion(100, seed=k), Speech("/a.wav"), k, "CPU") for k in range(count)])
    return root


MEETING = {  # start and seconds of an earlier line, and of a later one
    "later within earlier": ((1, 4.0), (40, 1.0)),
    "later goes on": ((1, 2.0), (35, 2.0)),
    "eases touch": ((1, 2.0), (57, 2.0)),
}


def add_line(scene, root, number, frame, seconds=2.0):
    """A line of a character in which everything moves, other than in those of other numbers."""
    speech = Speech(f"/none{number}.wav", frame=float(frame))
    lines.add(scene, root, [store.Take(random_motion(round(seconds * 50), seed=number), speech, number, "CPU")])
