# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet on p, b and m, from the sound to the curves.

`decision` decides from phoneme posteriors whether p, b or m is said, `closing` turns that into how far lips shut,
`contacts` finds when lips meet in a motion, `gap_table` tells how far apart they are, and `constraint` closes them: the
last step after every edit.
"""
