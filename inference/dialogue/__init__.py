# SPDX-License-Identifier: GPL-3.0-or-later
"""What a face does while others speak, by rule: from who speaks when in a shot, to a motion for one of them.

`turns` says who speaks when. `listening` makes the motion, of nods and brow raises (`answers`), blinks and small shifts
of the eyes (`layers`) and when to look at whom (`glances`). `gaze` turns eyes and head to where that one is.
"""
