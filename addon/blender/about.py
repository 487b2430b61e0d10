# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Blender this is, for people to read."""

from __future__ import annotations

import bpy


def version() -> str:
    """Version and build of this Blender."""
    return f"{bpy.app.version_string} ({bpy.app.build_hash.decode(errors='replace')})"
