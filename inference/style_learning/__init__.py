# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning a style from speech with motion, or from a voice alone.

`learn` has both ways, and `context` the variant in which takes go on from the end of the reference. The parts of a
style come from `ridge` (gains of the mouth), `timing` (lead), `posture` (brows) and `liveliness` (brows, head, gaze,
blinks); `report` puts what was learned into sentences.
"""
