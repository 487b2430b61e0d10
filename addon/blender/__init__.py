# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender itself: Actions, strips of the NLA and the Sequencer, overrides, RNA. What changes from version to version
is known here and nowhere else.
"""
