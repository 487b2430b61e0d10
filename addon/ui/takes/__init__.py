# SPDX-License-Identifier: GPL-3.0-or-later
"""Generating takes, and what is done with the list of them."""
