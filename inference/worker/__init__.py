# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that runs the model for Blender: its messages, who starts it, what it does."""
