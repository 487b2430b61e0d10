# SPDX-License-Identifier: GPL-3.0-or-later
"""How far eyes turn, and the weights that show it."""

# Radians the eye turns when the weight is 1, measured on Live Link Face recordings.
FULL_UP, FULL_DOWN, FULL_SIDE = 0.44, 0.61, 0.60

LOOK = tuple(f"eyeLook{way}{side}" for side in ("Left", "Right") for way in ("Down", "Up", "In", "Out"))
