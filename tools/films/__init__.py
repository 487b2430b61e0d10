# SPDX-License-Identifier: GPL-3.0-or-later
"""The moving pictures of the guide, one subject a file; `tools/guide_films.py` makes them."""
