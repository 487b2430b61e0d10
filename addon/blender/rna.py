# SPDX-License-Identifier: GPL-3.0-or-later
"""How the add-on's properties are declared in Blender."""

OVERRIDABLE = {"LIBRARY_OVERRIDABLE"}  # for `override=` of a property that a library override may differ in
