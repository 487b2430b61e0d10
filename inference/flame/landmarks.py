# SPDX-License-Identifier: GPL-3.0-or-later
"""Landmarks among FLAME's 5023 vertices: facts about its mesh that many projects have published.

The 68 face landmarks in iBUG's order (https://ibug.doc.ic.ac.uk/resources/facial-point-annotations/), which counts from
the head's own right, are listed in https://github.com/yunik1004/SAiD/blob/main/data/FLAME_landmarks.txt; the rings of
the lips in https://github.com/ShenhanQian/GaussianAvatars/blob/main/flame_model/flame.py.
"""

from __future__ import annotations

import numpy as np

from ..core.errors import RigError

IBUG = np.array([
    2210, 1963, 3056, 3424, 3423, 3421, 3419, 3416, 3414, 3635, 3643, 3646, 3650, 3652, 2004, 568, 728,  # 0 jaw line
    2567, 337, 338, 3154, 3712, 3868, 2135, 27, 18, 1430,  # 17 brows
    3560, 3561, 3501, 3564, 2751, 2793, 3556, 1676, 1623,  # 27 nose
    2428, 2453, 2494, 3631, 2278, 2359, 3832, 1343, 1218, 1154, 995, 829,  # 36 eyes
    2820, 2864, 2774, 3543, 1657, 1749, 1703, 1774, 1802, 3503, 2905, 2881,  # 48 outer lips
    2845, 2787, 3531, 1670, 1730, 1804, 3504, 2907,  # 60 inner lips
])  # fmt: skip
# Lip lines from the head's own left corner to the right one, corners left out: where the red ends, where the lips
# touch, and the edge of the mesh inside the mouth.
BORDER_UPPER = (1713, 1715, 1716, 1735, 1696, 1694, 1657, 3543, 2774, 2811, 2813, 2850, 2833, 2832, 2830)
BORDER_LOWER = (1576, 1577, 1773, 1774, 1795, 1802, 1865, 3503, 2948, 2905, 2898, 2881, 2880, 2713, 2712)
SEAM_UPPER = (1670, 3531, 2787)
SEAM_LOWER = (1804, 3504, 2907)
INSIDE_UPPER = (1595, 1746, 1747, 1742, 1739, 1665, 1666, 3514, 2783, 2782, 2854, 2857, 2862, 2861, 2731)
INSIDE_LOWER = (1572, 1573, 1860, 1862, 1830, 1835, 1852, 3497, 2941, 2933, 2930, 2945, 2943, 2709, 2708)
BORDER_CORNERS, SEAM_CORNERS = (1703, 2820), (1730, 2845)  # left, right
# Per eye (left, right): outer corner, upper lid from outer to inner, inner corner, lower lid from inner to outer.
EYES = ((1154, 1218, 1343, 3832, 829, 995), (2428, 2453, 2494, 3631, 2278, 2359))
CHIN = 3414
SKIN = 3931  # the vertices from here on are the eyeballs, 546 each, left first


def check(template: np.ndarray) -> None:
    """Raise RigError when the landmarks do not lie on a face as landmarks do: the vertices are in another order."""
    x, y, z = template.T
    eyes = y[list(EYES[0] + EYES[1])].mean()
    mouth = y[list(SEAM_UPPER + SEAM_LOWER)].mean()
    tip = IBUG[30]
    right = (
        x[list(EYES[0])].min() > 0 > x[list(EYES[1])].max()
        and x[BORDER_CORNERS[0]] > 0 > x[BORDER_CORNERS[1]]
        and eyes > y[tip] > mouth > y[CHIN]
        and z[tip] > z[list(EYES[0])].max()
        and y[BORDER_UPPER[7]] > mouth > y[BORDER_LOWER[7]]
    )
    if not right:
        raise RigError(
            "Expected FLAME's own order of vertices, but its landmarks do not lie on a face in this file: eyes, nose "
            "and mouth are not where they belong. Use the file as it was downloaded, not one that was re-exported."
        )
