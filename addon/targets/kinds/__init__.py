# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of control, one file each: shape keys, bones, properties, poses, objects, drawings."""
