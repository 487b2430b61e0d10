# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines that drive numbered expression keys (``Exp000``), as FLAME and SMPL-X heads have them in Blender.

Such a key is one component of a statistical model, so its name says nothing. The artist's FLAME file says what each
ARKit shape is made of (`FlameFace.coefficients`), and those coefficients are the gains. Names are those of the SMPL-X
add-on, https://gitlab.tuebingen.mpg.de/jtesch/smplx_blender_addon; its expressions are FLAME's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from ..core.channels import ARKIT
from ..core.errors import RigError
from ..retarget.rig import Line
from .face import FlameFace

KEY = re.compile(r"Exp(?:ression)?[ _.-]?(\d+)", re.IGNORECASE)
SMALLEST = 0.02  # standard deviations at weight 1; smaller gains are not visible
RANGE = 10.0  # standard deviations; as far as the add-on's sliders go


def expression_lines(face: FlameFace, names: Iterable[str]) -> tuple[Line, ...]:
    """The lines from each ARKit channel to the expression keys among `names`.

    Coefficients are fitted to the components that there are keys for. The jaw, which FLAME turns as a joint, and the
    eyes are left to bones.

    Parameters
    ----------
    face : FlameFace
        From the artist's FLAME file.
    names : iterable of str
        Of shape keys; numbers count from 0 where there is a 0, else from 1.

    Returns
    -------
    tuple of Line
        With gains in standard deviations, within -10 to 10.

    Raises
    ------
    RigError
        When no name is one of an expression key, or the first components are missing.
    """
    numbered = {int(found[1]): name for name in names if (found := KEY.fullmatch(name))}
    if not numbered:
        raise RigError(
            "Expected shape keys named Exp000, Exp001 and so on, got none. Choose a FLAME or SMPL-X character."
        )
    first = 0 if 0 in numbered else 1
    ordered = []
    while first + len(ordered) in numbered:
        ordered.append(numbered[first + len(ordered)])
    if not ordered:
        raise RigError(
            f"Expected expression keys from Exp000 on, got the first as '{numbered[min(numbered)]}'. Components are in "
            "order of size, so the first ones are needed."
        )
    ordered = ordered[: len(face.model.expression)]
    gains = face.coefficients(len(ordered))
    return tuple(
        Line(ARKIT[channel], ordered[key], gain=round(float(gains[channel, key]), 4), low=-RANGE, high=RANGE)
        for channel, key in np.argwhere(np.abs(gains) >= SMALLEST)
    )
