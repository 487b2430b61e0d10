# SPDX-License-Identifier: GPL-3.0-or-later
"""Files saved by earlier versions: what is in them, and how an artist goes on working in them."""
