# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels and operators to choose, keep, exchange and learn styles."""
