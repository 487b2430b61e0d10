# SPDX-License-Identifier: GPL-3.0-or-later
"""Readers of recordings, each data set as it was published, and synthetic speech."""
