# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the 61 channels are jaw and lips."""

from __future__ import annotations

from facewright.inference.core.channels import LIVE_LINK, MOUTH

IS_MOUTH = tuple(name in MOUTH for name in LIVE_LINK)
