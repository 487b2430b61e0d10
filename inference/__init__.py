# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech to facial motion, without Blender and without torch."""

from .audio import Audio
from .errors import FacewrightError
from .motion import Motion

__all__ = ["Audio", "FacewrightError", "Motion"]
