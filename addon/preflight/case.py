# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pre-flight check looks at, and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import bpy

from ...inference.retarget.rig import Line
from ..blender import actions
from ..blender.rna import CharacterSettings, settings_of
from ..character import character, mapping
from ..character.character import Character, Part
from ..targets.registry import matched_lines

ERROR, WARNING = "ERROR", "WARNING"


@dataclass(frozen=True)
class Case:
    """What is looked at: a character in a scene."""

    scene: bpy.types.Scene
    who: Character
    audio: str = ""  # path of the sound, where it is not the one set on the character

    @property
    def settings(self) -> CharacterSettings:
        """What the artist set for the character."""
        return settings_of(self.who.root)

    @cached_property
    def members(self) -> list[bpy.types.Object]:
        """All objects of the character."""
        return character.family(self.who.root, self.scene)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """What moves what, the artist's own or matched by name."""
        own = mapping.stored(self.who.root)
        return matched_lines(self.members) if own is None else own

    def curves(self, part: Part) -> list[bpy.types.FCurve]:
        """The F-curves in use that a bake of this part would write."""
        places = {part.target.curve(part.block, name) for name in part.rig.controls}
        return [one for one in actions.fcurves_of(part.block) if (one.data_path, one.array_index) in places]

    def own_actions(self) -> None:
        """Put copies in the place of linked Actions in use: a linked one cannot be changed for good."""
        copies: dict[bpy.types.Action, bpy.types.Action] = {}
        for part in self.who.parts:
            home = actions.slot_in_use(part.block)
            if home is not None and home.action.library is not None:
                if home.action not in copies:
                    copies[home.action] = home.action.copy()
                actions.assign(actions.slot_by_key(part.block, copies[home.action], home.mark))

    def is_linked(self, part: Part) -> bool:
        """Whether the Action in use of a part is linked from a library."""
        home = actions.slot_in_use(part.block)
        return home is not None and home.action.library is not None


@dataclass(frozen=True)
class Finding:
    """Something that will not move as it should.

    Parameters
    ----------
    text : str
        A sentence: what, and why.
    mend : str
        What the button that mends it says; empty where only a person can.
    severity : str
        "ERROR" where nothing can be made or nothing would move, "WARNING" where a part of it.
    check : str
        Name of the check, filled in by `inspect`.
    """

    text: str
    mend: str = ""
    severity: str = WARNING
    check: str = ""


def library_of(part: Part) -> str:
    """File name of the library whose shape keys an override shows; "" where they are this file's own.

    Of overridden shape keys Blender saves values, mute and drivers, but no ends of sliders and not whether they are
    relative (`is_property_overridable_library`): those a click can only change until the file is opened again.
    """
    override = getattr(part.obj.data, "override_library", None)
    linked = override.reference.library if override is not None and override.reference is not None else None
    return bpy.path.basename(linked.filepath) if linked is not None else ""
