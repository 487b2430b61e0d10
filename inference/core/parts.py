# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a face that an artist lets speech move, or keeps for other work: mouth, jaw, brows and so on.

They are the `regions` in larger pieces: every channel is in exactly one part. mouthClose is the jaw's, for it takes
back what jawOpen parts; cheeks, nose and visemes are the mouth's, for speech moves them with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from .errors import StyleError
from .regions import channels_of

PARTS: dict[str, tuple[str, ...]] = {
    "mouth": channels_of(("lips", "rounding", "corners", "pressing", "cheeks", "visemes")),
    "jaw": channels_of(("jaw",)),
    "tongue": channels_of(("tongue",)),
    "lids": channels_of(("lids",)),
    "eyes": channels_of(("gaze",)),
    "brows": channels_of(("brows",)),
    "head": channels_of(("head",)),
}


def channels_of_parts(parts: Iterable[str]) -> tuple[str, ...]:
    """All channels of some parts, each once.

    Raises
    ------
    StyleError
        When a part is unknown.
    """
    names: dict[str, None] = {}
    for part in parts:
        if part not in PARTS:
            raise StyleError(f"Expected a part of the face ({', '.join(PARTS)}), got {part!r}.")
        names |= dict.fromkeys(PARTS[part])
    return tuple(names)
