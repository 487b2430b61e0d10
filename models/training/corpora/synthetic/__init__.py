# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic speech with exact phone times, from three programs."""
