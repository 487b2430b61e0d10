# SPDX-License-Identifier: GPL-3.0-or-later
"""From recordings to a released model; not shipped.

Each package builds on those below it: ``evaluation`` and ``release`` on ``stages``, these on ``data``, ``labels``, and
at the bottom ``corpora`` and ``heads``.
"""
