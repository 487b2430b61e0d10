# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the scene: sound, frame rate, what is hidden or linked, drawings."""
