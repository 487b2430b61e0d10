# SPDX-License-Identifier: GPL-3.0-or-later
"""From recordings to a released model; not shipped."""
