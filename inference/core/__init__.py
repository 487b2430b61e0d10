# SPDX-License-Identifier: GPL-3.0-or-later
"""Types that travel, and small mathematics. Everything else builds on it."""
