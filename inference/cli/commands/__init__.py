# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands, one file each: ``add(commands)`` adds it with its options. Only the one that is asked for is loaded."""
