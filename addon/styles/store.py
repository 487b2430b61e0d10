# SPDX-License-Identifier: GPL-3.0-or-later
"""The style of a character, and the user's library of styles.

A character holds the content of its style, not a name, so that a .blend speaks the same on any computer. The library
lies outside the add-on's folder, so that an update keeps it.
"""

from __future__ import annotations

from pathlib import Path

import bpy
from bpy.props import PointerProperty, StringProperty

from ... import __package__ as _package
from ...inference.core.errors import StyleError
from ...inference.styles.file import from_json, to_json
from ...inference.styles.library import Library
from ...inference.styles.style import NEUTRAL, Style
from ..blender.rna import OVERRIDABLE, style_settings_of

base_package: str = _package or ""


class FacewrightStyle(bpy.types.PropertyGroup):
    """The style of a character."""

    content: StringProperty(
        name="Style",
        description="How this character speaks, as in a .fwstyle file; empty for the neutral style",
        override=OVERRIDABLE,
    )


def library() -> Library:
    """The presets and this user's own styles."""
    if base_package.startswith("bl_ext."):
        return Library(Path(bpy.utils.extension_path_user(base_package, path="styles")))
    return Library(Path(bpy.utils.user_resource("CONFIG", path="facewright/styles")))


def of(root: bpy.types.Object, content: str | None = None) -> Style:
    """The style of a character, or what is in a `content` of its own.

    Raises
    ------
    StyleError
        When what is stored is damaged, or was stored by a newer version.
    """
    content = style_settings_of(root).content if content is None else content
    return from_json(content, f"the style of '{root.name}'") if content else NEUTRAL


def give(root: bpy.types.Object, style: Style) -> None:
    """Make this the style of a character."""
    stored = style_settings_of(root)
    stored.content = "" if style.is_neutral and style.name == NEUTRAL.name else to_json(style)


def request(root: bpy.types.Object, content: str | None = None) -> str | None:
    """The same as JSON for the worker; None for the neutral style. Raises StyleError as `of` does."""
    style = of(root, content)
    return None if style.is_neutral else to_json(style)


def label(name: str) -> str:
    """A style's name as the interface shows it: presets have capitals, the user's own are as they were written."""
    return name.title() if name in library().presets else name


def name_of(root: bpy.types.Object) -> str:
    """The name of a character's style, for panels; "Damaged style" where it cannot be read."""
    try:
        return of(root).name
    except StyleError:
        return "Damaged style"


def register() -> None:
    bpy.utils.register_class(FacewrightStyle)
    bpy.types.Object.facewright_style = PointerProperty(type=FacewrightStyle, override=OVERRIDABLE)


def unregister() -> None:
    del bpy.types.Object.facewright_style
    bpy.utils.unregister_class(FacewrightStyle)
