# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds of lists of shots, one module each, found by themselves.

A module has ``ABOUT``, its name for people; ``reads(path) -> bool``, whether a path is one of these; and
``rows(path)``, which gives each row's number and its cells by column, or raises a BatchError where the list as a whole
is damaged.
"""
