# SPDX-License-Identifier: GPL-3.0-or-later
"""How to bake: the choices of an artist, kept with the scene, each of which a script may give to the operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, PointerProperty

from ...inference.core.errors import FacewrightError
from ...inference.core.parts import PARTS
from ..blender import changes
from ..blender.changes import Change
from ..blender.rna import bake_settings_of

NEW, EXISTING, ADDITIVE, STRIPS = "NEW", "EXISTING", "ADDITIVE", "STRIPS"
DENSE, SPARSE = "DENSE", "SPARSE"
LINEAR, BEZIER = "LINEAR", "BEZIER"


PARTS_ITEMS = tuple((name.upper(), name.title(), ", ".join(PARTS[name][:4])) for name in PARTS)
ALL_PARTS = {name.upper() for name in PARTS}


def _show_parts(_self: Any, context: bpy.types.Context) -> None:
    for obj in context.scene.objects:
        changes.announce(obj, Change.MAPPING)


class BakeFields:
    """The choices, for the settings of a scene and for operators."""

    into: EnumProperty(
        name="Into",
        description="Where the keys go",
        default=EXISTING,
        items=(
            (NEW, "New Action", "A new Action; the one in use is kept"),
            (
                EXISTING,
                "Action in Use",
                "The Action in use, or a new one. Its keys outside of the line stay",
            ),
            (ADDITIVE, "NLA, Added", "A strip in the Nonlinear Animation editor, added to what moves already"),
            (
                STRIPS,
                "NLA, Poses",
                "A strip of each mouth pose, with keys on its influence; all else: a new Action",
            ),
        ),
    )
    keys: EnumProperty(
        name="Keys",
        description="How many keys",
        items=(
            (DENSE, "Every Frame", "A key on every frame: exactly what the preview shows"),
            (SPARSE, "Few", "The fewest keys found that stay within the error; made to be edited by hand"),
        ),
    )
    interpolation: EnumProperty(
        name="Between Keys",
        description="How keys are joined. Neither overshoots: closed lips stay closed",
        items=((LINEAR, "Linear", "Straight lines"), (BEZIER, "Bezier", "Smooth curves, with handles")),
    )
    error: FloatProperty(
        name="Error",
        description="Largest difference that fewer keys may make, where 1 is a shape at full strength. "
        "Where lips meet it is a fifth of this, and nothing at the moment itself",
        default=0.01,
        min=0.0005,
        soft_max=0.1,
        max=1.0,
        precision=3,
        step=1,
    )
    parts: EnumProperty(
        name="Parts",
        description="What of the face is baked and previewed; what is not chosen is not touched",
        items=PARTS_ITEMS,
        default=ALL_PARTS,
        options={"ENUM_FLAG"},
        update=_show_parts,
    )
    use_range: BoolProperty(name="Only Frames", description="Bake a part of the take; the rest stays as it is")
    first: IntProperty(name="First", description="First frame to bake", default=1)
    last: IntProperty(name="Last", description="Last frame to bake", default=250)
    blend: IntProperty(
        name="Blend",
        description="Frames over which the bake comes in and goes out at the ends of a range and around locks",
        default=5,
        min=0,
        soft_max=50,
    )
    keep_edits: BoolProperty(
        name="Keep Hand Edits",
        description="Keys that you changed, moved, added or deleted since the last bake stay as you left them",
        default=True,
    )


FIELDS = ("into", "keys", "interpolation", "error", "parts", "use_range", "first", "last", "blend", "keep_edits")


@dataclass(frozen=True)
class Mode:
    """How to bake; the fields are those of the scene's settings.

    Raises
    ------
    FacewrightError
        When the range ends before it begins, or no part of the face is chosen.
    """

    into: str = NEW
    keys: str = DENSE
    interpolation: str = LINEAR
    error: float = 0.01
    span: tuple[int, int] | None = None
    blend: int = 5
    keep_edits: bool = True
    parts: frozenset[str] = frozenset(PARTS)

    def __post_init__(self) -> None:
        if self.span is not None and self.span[0] > self.span[1]:
            raise FacewrightError(
                f"Expected frames to bake in order, got {self.span[0]} to {self.span[1]}. Swap First and Last."
            )
        if not self.parts:
            raise FacewrightError("No part of the face is chosen to be baked. Choose some under Parts.")


class BakeSettings(BakeFields, bpy.types.PropertyGroup):
    """How this scene is baked."""


def chosen(scene: bpy.types.Scene, given: Any = None) -> Mode:
    """How to bake: the settings of the scene, with what was given to an operator in their place.

    Parameters
    ----------
    scene : bpy.types.Scene
        Its settings count where nothing was given.
    given : bpy.types.OperatorProperties, optional
        The properties of an operator with `BakeFields`. Only read.

    Raises
    ------
    FacewrightError
        When the range ends before it begins, or no part of the face is chosen.
    """
    settings = bake_settings_of(scene)
    values = {
        name: getattr(given if given is not None and given.is_property_set(name) else settings, name) for name in FIELDS
    }
    span = (values.pop("first"), values.pop("last"))
    parts = frozenset(name.lower() for name in values.pop("parts"))
    return Mode(span=span if values.pop("use_range") else None, parts=parts, **values)


def show_on(properties: Any, scene: bpy.types.Scene) -> None:
    """Set the properties of an operator that were not given to the settings of the scene.

    So its panel shows how it baked, and baking again from there keeps to that.
    """
    settings = bake_settings_of(scene)
    for name in FIELDS:
        if not properties.is_property_set(name):
            setattr(properties, name, getattr(settings, name))


def register() -> None:
    bpy.utils.register_class(BakeSettings)
    bpy.types.Scene.facewright_bake = PointerProperty(type=BakeSettings)


def unregister() -> None:
    del bpy.types.Scene.facewright_bake
    bpy.utils.unregister_class(BakeSettings)
