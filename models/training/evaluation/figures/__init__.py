# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures from curves and vertices, without recordings or models."""
