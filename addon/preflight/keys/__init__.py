# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of shape keys, properties and their ranges."""
