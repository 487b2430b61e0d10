# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be driven on a character: kinds of control, several on one data-block, drawings, rotations."""
