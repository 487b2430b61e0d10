# SPDX-License-Identifier: GPL-3.0-or-later
"""What an artist adjusts on a character: keyed or driven properties, and the take with these adjustments in it."""
