# SPDX-License-Identifier: GPL-3.0-or-later
"""The place of all panels of the extension: the tab *Facewright* in the sidebar of the 3D viewport."""

from __future__ import annotations


class Sidebar:
    """Base class of panels, beside ``bpy.types.Panel``."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Facewright"
