# SPDX-License-Identifier: GPL-3.0-or-later
"""A take shown on the character while the artist scrubs, and beside it on a double."""
