# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of what moves what, and drawn mouths."""
