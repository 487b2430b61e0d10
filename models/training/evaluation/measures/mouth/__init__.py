# SPDX-License-Identifier: GPL-3.0-or-later
"""How near mouth and jaw come to what was tracked, and what they do on which phone."""
