# SPDX-License-Identifier: GPL-3.0-or-later
"""How somebody speaks: what a style is, its file, the library, and how a style is applied to motion."""
