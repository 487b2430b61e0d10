# SPDX-License-Identifier: GPL-3.0-or-later
"""Formats of curves, one file each, found by their SUFFIX."""
