# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes of a character by their place, and takes that need no model."""

from facewright.addon.blender.sequencer import Speech
from facewright.addon.takes import store
from support.characters import random_motion


def of(root, place):
    return store.read(store.items(root)[place])


def made_up(face, count=2):
    """Takes that were not generated, for what needs no model."""
    root = face.parent
    store.add(root, [store.Take(random_motion(100, seed=k), Speech("/a.wav"), k, "CPU") for k in range(count)])
    return root
