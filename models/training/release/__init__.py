# SPDX-License-Identifier: GPL-3.0-or-later
"""From trained networks to the files of a released model, and back."""
