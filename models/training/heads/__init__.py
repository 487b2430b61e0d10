# SPDX-License-Identifier: GPL-3.0-or-later
"""Heads to solve and to measure on: ICT-FaceKit, the distances of its mouth, its regions, and gaps between lips."""
