# SPDX-License-Identifier: GPL-3.0-or-later
"""From sound file to numbers: `decode` reads files, `mel` makes the model's spectrogram, `loudness` measures levels."""
