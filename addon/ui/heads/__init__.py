# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators that add heads to a scene: the built-in one, FLAME's, and vertex animation for any mesh."""
