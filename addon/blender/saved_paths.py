# SPDX-License-Identifier: GPL-3.0-or-later
"""Data paths in files that an earlier Blender saved."""

import bpy


def current(path: str) -> str:
    """The data path of today for one of a file that was saved before.

    Modifiers of Grease Pencil lie among all others since 4.3
    (https://developer.blender.org/docs/release_notes/4.3/grease_pencil/).
    """
    return path.replace("grease_pencil_modifiers[", "modifiers[", 1) if bpy.app.version >= (4, 3, 0) else path
