# SPDX-License-Identifier: GPL-3.0-or-later
"""From sound to finished motion: model, style, layers, lips and sliders in their order.

`stages` has the steps and their order, `animate` runs all of them on a whole sound, `streaming` on a live one.
"""
