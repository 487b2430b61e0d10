# SPDX-License-Identifier: GPL-3.0-or-later
"""A take shown live on its character, and another one on a double beside it to compare."""
