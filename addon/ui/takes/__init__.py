# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels and operators to generate, list, mix, retake and export takes."""
