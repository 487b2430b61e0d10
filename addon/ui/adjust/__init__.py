# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders, emotions and gains of phonemes in the sidebar."""
