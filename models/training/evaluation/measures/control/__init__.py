# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between takes, and what styles, contexts and sliders make of them."""
