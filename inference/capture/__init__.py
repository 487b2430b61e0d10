# SPDX-License-Identifier: GPL-3.0-or-later
"""A face in a video to curves: tracking, and the solver, which also makes the training targets.

>>> motion, report = capture("actor.mp4")
"""

from .film import capture
from .report import CaptureReport

__all__ = ["CaptureReport", "capture"]
