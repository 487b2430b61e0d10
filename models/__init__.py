# SPDX-License-Identifier: GPL-3.0-or-later
"""Released models, and the networks and training they come from."""
