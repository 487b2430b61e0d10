# SPDX-License-Identifier: GPL-3.0-or-later
"""What can run a model: `processor` chooses, `kinds` has a module for each, `runtime` loads onnxruntime.

`plugin` makes providers that come in a wheel of their own known to it, and `cards` counts graphics cards.
"""
