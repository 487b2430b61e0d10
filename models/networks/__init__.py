# SPDX-License-Identifier: GPL-3.0-or-later
"""Networks, in torch; not shipped."""
