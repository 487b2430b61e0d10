# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what animates a character: drivers, locks, the NLA, slots, poses."""
