# SPDX-License-Identifier: GPL-3.0-or-later
"""A take as keyframes: planned, written around hand edits, and taken back."""
