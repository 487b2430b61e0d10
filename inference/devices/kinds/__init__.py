# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of processors, one module each, found by themselves; `--device` takes the names of the modules.

A module has ``LABEL`` and ``ABOUT``, its name for people and what it is; ``PROVIDER``, onnxruntime's name for it;
``AUTOMATIC``, whether `auto` takes it where it is installed and works, and ``ORDER``, the smaller the sooner; and

* ``installed() -> bool``: whether a library for it is there, which says nothing of a card. It must be quick.
* ``prepared(ort, options)``: the providers to open a session with, or None where they were put into the options;
  raises a DeviceError when it cannot be used.
* ``reason(ort, problem) -> str``: what to say when no session opens, from onnxruntime's own words, which may be "".
"""
