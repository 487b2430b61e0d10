# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objects are one character, what of it can be driven, and its stored mapping."""
