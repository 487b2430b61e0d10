# SPDX-License-Identifier: GPL-3.0-or-later
"""From channels to the controls of a character, and back: conventions, names, lines, rigs, drawings."""
