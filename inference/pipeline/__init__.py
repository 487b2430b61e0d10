# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages from sound to motion, for whole sounds and for live ones."""
