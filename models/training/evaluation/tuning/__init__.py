# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing what the product holds fixed, on clips kept for choosing: run by hand for new networks."""
