# SPDX-License-Identifier: GPL-3.0-or-later
"""A style from speech with motion, from a voice alone, or in the context of a clip."""
