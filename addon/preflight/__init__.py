# SPDX-License-Identifier: GPL-3.0-or-later
"""Pre-flight: what will not move, and why, before anything is made; one file for each check."""
