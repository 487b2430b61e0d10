# SPDX-License-Identifier: GPL-3.0-or-later
"""The two child processes that Blender starts and asks: the model, and capture from video."""
