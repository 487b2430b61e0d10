# SPDX-License-Identifier: GPL-3.0-or-later
"""What is dialled on a character: properties that are keyed or driven, and the take as they have it."""
