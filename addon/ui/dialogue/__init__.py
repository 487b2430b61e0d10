# SPDX-License-Identifier: GPL-3.0-or-later
"""The conversation of a character in the sidebar."""
