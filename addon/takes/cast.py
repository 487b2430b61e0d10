# SPDX-License-Identifier: GPL-3.0-or-later
"""The cast of a scene: which sound strips of the Sequencer each character speaks."""

from __future__ import annotations

from fnmatch import fnmatchcase

import bpy

from ...inference.core.errors import AudioError
from ..blender import belonging, strips
from ..blender.rna import settings_of
from ..blender.sequencer import OWNER
from . import lines


def speakers(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """The characters of a scene that were given channels or strips, by name."""
    return sorted((obj for obj in _set_up(scene) if settings_of(obj).speaks.strip()), key=lambda obj: obj.name)


def talking(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """The characters of a scene that have lines, by name."""
    has = [obj for obj in _set_up(scene) if len(settings_of(obj).lines) and belonging.DOUBLE_OF not in obj]
    return sorted(has, key=lambda obj: obj.name)


def known(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Both: the characters that were given channels or strips, then the others that have lines."""
    return list(dict.fromkeys((*speakers(scene), *talking(scene))))


def _set_up(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """The objects of a scene on which anything was ever set: few, and panels ask at every redraw."""
    return [obj for obj in scene.objects if obj.is_property_set("facewright")]


def strips_of(scene: bpy.types.Scene, root: bpy.types.Object) -> list[str]:
    """The names of the strips that a character speaks, in the order in which they begin.

    Those that Generate laid for its lines are left out: they are heard as these lines already.

    Raises
    ------
    AudioError
        When a channel or name that it was given has no sound.
    """
    found, own = dict[str, float](), {line.key for line in lines.items(root)}
    for wanted in filter(None, map(str.strip, settings_of(root).speaks.split(","))):
        audible = strips.audible_strips(scene)
        matches = [strip for strip, channels in audible if _is(wanted, strip.name, channels)]
        if not matches:
            raise AudioError(
                f"'{root.name}' speaks '{wanted}', but no sound or channel of this scene's Sequencer is called "
                "that. Correct it under Speaks."
            )
        found |= {strip.name: strips.extent(strip)[1] for strip in matches if strip.get(OWNER) not in own}
    return sorted(found, key=lambda name: (found[name], name))


def _is(wanted: str, name: str, channels: tuple[str, ...]) -> bool:
    """Whether a strip is meant: by its name, a pattern such as ``ann_*``, or the number or name of its channel."""
    return name == wanted or wanted in channels or fnmatchcase(name, wanted)
