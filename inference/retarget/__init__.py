# SPDX-License-Identifier: GPL-3.0-or-later
"""From channels to the controls of a character, and back: conventions, spelling of names, lines, rigs, drawings."""
