# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels and the operators of their buttons. No other package imports them."""
