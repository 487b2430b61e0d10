# SPDX-License-Identifier: GPL-3.0-or-later
"""The head at rest, and the fields on it that shapes are made of. Millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..core.curves import smoothstep
from .form import Form
from .parts import brows, lids, lips
from .parts.eyes import eyeball
from .parts.hair import hair
from .parts.teeth import teeth
from .parts.tongue import tongue
from .piece import Piece, joined
from .skin import LIPS, MOUTH, NOSTRIL, Skin, build

PARTING = 10.0  # how far apart the lips are in the domain in which upper and lower lip can be told apart
# How much each mouth ring belongs to the lips: 0 at the rim of the hole, 1 on the lips, 0 in the depth of the mouth.
BELONGS = np.array([
    *(1 - np.array(lips.OUTSIDE)) ** 1.2, *np.ones(len(lips.PROFILE) + 3), 0.8, 0.4, 0.1, 0, 0,
])  # fmt: skip


@dataclass(frozen=True, eq=False)
class Rest:
    """Every vertex of the head in one array, with the numbers needed to move them."""

    form: Form
    skin: Skin
    pieces: dict[str, Piece]  # without the skin, in order

    @cached_property
    def points(self) -> np.ndarray:
        """Neutral positions [shape=(V, 3)]."""
        return np.concatenate([self.skin.points, *(p.points for p in self.pieces.values())])

    @cached_property
    def part(self) -> dict[str, slice]:
        """The vertices of each part."""
        sizes = {"skin": len(self.skin.points)} | {name: len(p.points) for name, p in self.pieces.items()}
        ends = np.cumsum(list(sizes.values()))
        return {name: slice(end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)}

    @cached_property
    def mirror(self) -> np.ndarray:
        """The vertex on the other side of the head, for every vertex [shape=(V,)]."""
        mirror = np.zeros(len(self.points), dtype=int)
        mirror[self.part["skin"]] = self.skin.mirror
        for name, part in self.part.items():
            other = self.part[name.replace("left", "right") if "left" in name else name.replace("right", "left")]
            if name != "skin":
                flipped, across = self.points[part] * (-1, 1, 1), self.points[other]
                distance = (across**2).sum(axis=1) - 2 * flipped @ across.T  # squared, up to a constant of each row
                mirror[part] = other.start + distance.argmin(axis=1)
        return mirror

    @cached_property
    def parted(self) -> np.ndarray:
        """Positions with the lips drawn apart, so that a field over space can differ between them [shape=(V, 3)]."""
        parted = self.points.copy()
        parted[:, 2] += PARTING * (self.lip(1, self.fullness**0.7) - self.lip(-1, self.fullness**0.7))
        sock = self.skin.mouth[lips.CONTACT + 1 :]
        _, upper = lips.places()
        parted[sock, 2] = self.points[sock, 2] + PARTING * upper * self.fullness**0.5
        return parted

    @property
    def fullness(self) -> np.ndarray:
        """1 in the middle of the lips, 0 at the corners, for every place [shape=(lips.COUNT,)]."""
        return np.clip(1 - lips.places()[0] ** 2, 0, 1)

    def lip(self, side: int, along: np.ndarray | None = None) -> np.ndarray:
        """Weights of the upper (1) or lower (-1) lip, softly ending in the skin around [shape=(V,)].

        Parameters
        ----------
        along : ndarray [shape=(lips.COUNT,)], optional
            Weight of each place round the mouth; `fullness` where not given.
        """
        _, upper = lips.places()
        weights = np.zeros(len(self.points))
        weights[self.skin.mouth] = BELONGS[:, None] * np.where(
            upper == side, self.fullness if along is None else along, 0
        )
        return weights

    def brush(self, center: tuple[float, float, float], radius: float | tuple[float, float, float]) -> np.ndarray:
        """A soft weight on skin, brows and hair: 1 at the center (x, forward, z), 0 from the radius on [shape=(V,)]."""
        rel = (self.points - np.array(center) * (1, -1, 1)) / np.asarray(radius)
        return self.soft * np.clip(1 - (rel**2).sum(axis=1), 0, None) ** 2

    @cached_property
    def soft(self) -> np.ndarray:
        """How much brushes act: on skin, brows and hair, less and less towards the edge of the lids [shape=(V,)]."""
        soft = np.zeros(len(self.points))
        for name in ("skin", "brows", "hair"):
            soft[self.part[name]] = 1
        lid = smoothstep(np.array([*lids.OUTSIDE, *np.zeros(lids.RINGS - lids.MARGIN)]), 0.12, 0.9)
        soft[self.skin.eyes] = lid[:, None]
        return soft

    def mirrored(self, offset: np.ndarray) -> np.ndarray:
        """The same movement on the other side of the face."""
        return offset[self.mirror] * (-1, 1, 1)


def head_at_rest() -> Rest:
    """Build every part."""
    form = Form()
    skin = build(form)
    eye = eyeball()
    left_brow = brows.brow(form)
    left_lash = brows.lashes(skin.points[skin.eyes[0, lids.MARGIN]])
    pieces = {
        "eye_left": eye,
        "eye_right": eye.mirrored(),
        "teeth_upper": teeth(upper=True),
        "teeth_lower": teeth(upper=False),
        "tongue": tongue(),
        "brows": joined([left_brow, left_brow.mirrored()]),
        "lashes": joined([left_lash, left_lash.mirrored()]),
        "hair": hair(form),
    }
    return Rest(form, skin, pieces)


SKIN_MATERIALS = {LIPS: "lips", MOUTH: "mouth", NOSTRIL: "nostril"}
