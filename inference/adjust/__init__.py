# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist lays over a take: sliders, emotions, gains of phonemes."""
