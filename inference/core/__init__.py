# SPDX-License-Identifier: GPL-3.0-or-later
"""What every other package builds on: shared types, tables of names and small mathematics.

Types: `motion` (curves with names), `audio` (mono sound), `clip` (a stretch of a sound file), `phonemes` (posteriors),
`analysis` (phonemes and loudness of a sound), `timeline` (seconds to frames). Tables: `channels` (names of all curves
and phonemes), `regions` (parts of the face), `timing` (frames and steps of the model), `eyes` (how far they turn).
Mathematics: `curves`, `rotations`, `least_squares`. Files and failures: `structure` (checked reading), `atomic_write`,
`plugins` (folders of plug-ins), `errors`.
"""
