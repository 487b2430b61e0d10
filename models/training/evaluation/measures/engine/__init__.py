# SPDX-License-Identifier: GPL-3.0-or-later
"""Speed and memory, what the encoder hears, and capture from video."""
