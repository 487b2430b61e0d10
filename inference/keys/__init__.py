# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyframes without Blender: as records, reduced to few, merged with hand edits."""
