# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures of what a face does beside its mouth while it speaks."""
