# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainings, one file each, in this order: encoder, teacher, memory, settled memory, style, policy.

Beside them what they share: losses, the step down the gradient, the policy's loop and the command line.
"""
