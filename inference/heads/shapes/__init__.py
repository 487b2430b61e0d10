# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of the built-in head, by what they move."""
