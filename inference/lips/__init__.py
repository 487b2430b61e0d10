# SPDX-License-Identifier: GPL-3.0-or-later
"""Lips that meet: whether p, b or m is said, when lips meet, how they shut, and that they stay shut."""
