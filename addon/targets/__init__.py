# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of control that speech can drive on a character, one module for each in `kinds`, and what these share."""
