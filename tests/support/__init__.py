# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests share: real speech, small rigs, windows, and where things lie."""
