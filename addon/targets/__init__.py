# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be driven on a character: one file for each kind of control."""
