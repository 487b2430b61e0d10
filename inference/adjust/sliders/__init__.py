# SPDX-License-Identifier: GPL-3.0-or-later
"""Sliders: what an artist dials on motion there is. Each is a pure function from Motion to Motion, by rule.

A slider is one file in this folder, found by itself, with

* ``ORDER`` (lower runs earlier), ``LABEL``, ``ABOUT`` (a sentence for the artist), ``GROUP`` (where it stands),
* ``NEUTRAL``, ``LOW``, ``HIGH`` (a value) and ``UNIT`` ("", "ms"),
* ``CHANNELS``: those it may change,
* ``apply(motion, value, voice) -> Motion``: `value` is one number or one for each frame [shape=(F,), float32], `voice`
  how loud the voice is [shape=(F,), dB], of which only ``energy`` asks. At ``NEUTRAL`` nothing changes, bit for bit.

The name of the file is the name of the slider. What no slider may do is open a closed lip: `lips.constraint.constrain`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, ModuleType

from ...core.plugins import modules_in


@cache
def sliders() -> Mapping[str, ModuleType]:
    """Every slider by its name, in the order they run."""
    return MappingProxyType(modules_in(__name__))
