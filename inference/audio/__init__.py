# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound in: decoding, log-mel spectrogram, loudness."""
