# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pre-flight check examines (a case), and what it reports (findings)."""

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
    """What checks examine: a character in a scene."""

    scene: bpy.types.Scene
    who: Character
    audio: str = ""  # path of the sound, where it is not the one set on the character

    @property
    def settings(self) -> CharacterSettings:
        """The character's settings."""
        return settings_of(self.who.root)

    @cached_property
    def members(self) -> list[bpy.types.Object]:
        """All objects of the character."""
        return character.family(self.who.root, self.scene)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of the character's mapping: the artist's own, or those that matching by name gives."""
        own = mapping.stored(self.who.root)
        return matched_lines(self.members) if own is None else own

    def curves(self, part: Part) -> list[bpy.types.FCurve]:
        """The F-curves in use that a bake of this part would write."""
        places = {part.target.curve(part.block, name) for name in part.rig.controls}
        return [curve for curve in actions.fcurves_of(part.block) if (curve.data_path, curve.array_index) in places]

    def own_actions(self) -> None:
        """Replace linked Actions in use by copies, since changes of a linked Action are not saved."""
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
        A sentence that says what, and why.
    mend : str
        Label of the button that mends it; empty where no button can.
    severity : str
        "ERROR" where nothing can be generated or nothing would move, "WARNING" where only a part would not move.
    check : str
        Name of the check; `inspect` fills it in.
    """

    text: str
    mend: str = ""
    severity: str = WARNING
    check: str = ""


def library_of(part: Part) -> str:
    """File name of the library that overridden shape keys come from; "" where they are this file's own.

    Of overridden shape keys Blender saves values, mute and drivers, but neither the ends of sliders nor whether they
    are relative (`is_property_overridable_library`): changes of those last only until the file is opened again.
    """
    override = getattr(part.obj.data, "override_library", None)
    linked = override.reference.library if override is not None and override.reference is not None else None
    return bpy.path.basename(linked.filepath) if linked is not None else ""
