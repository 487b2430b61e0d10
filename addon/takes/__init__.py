# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes as they are stored on a character, and the speech analysis of their sound."""
