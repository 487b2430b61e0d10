# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts with names of strangers in them, as they go to a terminal."""

from __future__ import annotations

LONGEST = 400  # characters


def plain(text: str, longest: int | None = None) -> str:
    """A text of one line in which nothing acts on a terminal; what is too long is cut in its middle."""
    shown = "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
    if longest is None or len(shown) <= longest:
        return shown
    half = (longest - 5) // 2
    return f"{shown[:half]} ... {shown[-half:]}"
