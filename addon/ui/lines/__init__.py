# SPDX-License-Identifier: GPL-3.0-or-later
"""The lines of a character: their list in the sidebar, and its buttons."""
