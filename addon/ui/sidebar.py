# SPDX-License-Identifier: GPL-3.0-or-later
"""Where every panel of the extension stands: the tab *Facewright* in the sidebar of the 3D viewport."""

from __future__ import annotations


class Sidebar:
    """What panels inherit beside ``bpy.types.Panel``."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Facewright"
