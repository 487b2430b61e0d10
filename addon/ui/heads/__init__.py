# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads that are added to a scene: the built-in one, FLAME, moving vertices."""
