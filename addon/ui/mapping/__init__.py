# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping table, its files and presets, and the panel of drawn mouths."""
