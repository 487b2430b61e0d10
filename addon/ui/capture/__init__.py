# SPDX-License-Identifier: GPL-3.0-or-later
"""Capturing a face from a video."""
