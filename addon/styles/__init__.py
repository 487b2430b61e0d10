# SPDX-License-Identifier: GPL-3.0-or-later
"""The style of a character, stored with it, and the user's library of styles."""
