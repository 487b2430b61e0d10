# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes and their recipes: making them, combining them, making them again.

`generate` makes takes of a clip, `retake` makes some frames of one again, `mix` combines two, `ends` lets them begin
and end at rest and lays several on one clock, `recipe` describes how a take was made, `replay` makes it again from
that, and `packing` turns its motion into text for the .blend.
"""
