# SPDX-License-Identifier: GPL-3.0-or-later
"""A film of the built-in head, rendered by the bpy wheel."""
