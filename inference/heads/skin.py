# SPDX-License-Identifier: GPL-3.0-or-later
"""The skin: a grid round the head with holes for mouth, eyes and ears, each led into by rings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .form import EGG_CENTER, EGG_HEIGHT, Form
from .parts import ear, lids, lips, nostrils
from .sheet import Sheet, coons, rim

# Columns of the left half, degrees of azimuth: nose, eye, temple, ear, back of the head.
COLUMNS = np.concatenate([
    np.linspace(0, 9.6, 6), np.linspace(13.4, 50, 10), np.linspace(57, 79.5, 4), np.linspace(85, 107, 5),
    np.linspace(115.25, 180, 8),
])  # fmt: skip
AROUND = 2 * (len(COLUMNS) - 1)
ROWS = np.array([
    -215, -204, -192, -180, -168, -156, -145, -135, -126, -118, -110.5, -103, -96, -90,  # neck, chin
    -85.5, -81, -77, -73, -69, -65, -61, -57, -53.5, -50.5,  # mouth
    -49, -47.2, -45.2, -43.2, -41, -38.5, -35.5, -32.5, -29.5, -26.5, -23,  # nose
    -17.25, -11.5, -5.75, 0, 5.75, 11.5, 17.25, 23,  # eyes
    29, 36, 44, 52, 60, 68, 76.5, 85,  # forehead; the crown is closed by a square
], dtype=float)  # fmt: skip
MOUTH_ROW, NOSTRIL_ROW, EYE_ROW, EAR_ROW = 13, 24, 34, 29
NOSTRIL_COLUMN, EYE_COLUMN, EAR_COLUMN = 1, 5, 19
SKIN, LIPS, MOUTH, NOSTRIL = range(4)


@dataclass(frozen=True, eq=False)
class Skin:
    """The finished sheet with the rings that shapes need, all as vertex numbers."""

    points: np.ndarray  # (V, 3) mm
    quads: np.ndarray  # (N, 4)
    tags: np.ndarray  # (N,) SKIN, LIPS, MOUTH or NOSTRIL
    mirror: np.ndarray  # (V,)
    mouth: np.ndarray  # (lips.RINGS, lips.COUNT)
    eyes: np.ndarray  # (2, lids.RINGS, lids.COUNT) left, right
    eye_rim: np.ndarray  # (lids.COUNT,) the left one


def build(form: Form) -> Skin:
    """Make the skin [millimetres]."""
    sheet = Sheet()
    grid = _grid(sheet, form)
    points = np.concatenate(sheet.points)
    mouth = _mouth(sheet, form, grid, points)
    eyes = _eyes(sheet, form, grid, points)
    eye_rim = _hole(grid, EYE_COLUMN, EYE_ROW, lids.WIDE, lids.HIGH)
    _ears(sheet, form, grid, points)
    _nostrils(sheet, grid, points)
    _crown(sheet, form, grid[-1])
    _base(sheet, grid[0], points)
    points, mirror = np.concatenate(sheet.points), np.concatenate(sheet.mirror)
    points = (points + points[mirror] * (-1, 1, 1)) / 2
    return Skin(points, np.concatenate(sheet.quads), np.concatenate(sheet.tags), mirror, mouth, eyes, eye_rim)


def _grid(sheet: Sheet, form: Form) -> np.ndarray:
    """The grid, without the quads of holes; returns its vertex numbers [shape=(rows, AROUND)], -1 inside holes."""
    azimuth = np.radians(np.concatenate([COLUMNS, -COLUMNS[-2:0:-1]]))
    rows = len(ROWS)
    hole = np.zeros((rows, AROUND), dtype=bool)  # cells, by their lower left corner
    hole[MOUTH_ROW : MOUTH_ROW + lips.HIGH, np.arange(-lips.WIDE // 2, lips.WIDE // 2)] = True
    for column, row, wide, high in (
        (EYE_COLUMN, EYE_ROW, lids.WIDE, lids.HIGH),
        (EAR_COLUMN, EAR_ROW, ear.WIDE, ear.HIGH),
        (NOSTRIL_COLUMN, NOSTRIL_ROW, nostrils.WIDE, nostrils.HIGH),
    ):
        cells = np.arange(column, column + wide)
        hole[row : row + high, cells] = hole[row : row + high, -1 - cells] = True
    used = ~(hole & np.roll(hole, 1, 0) & np.roll(hole, 1, 1) & np.roll(np.roll(hole, 1, 0), 1, 1))
    number = np.where(used, np.cumsum(used).reshape(used.shape) - 1, -1)
    where = np.argwhere(used)
    mirror = number[where[:, 0], -where[:, 1] % AROUND]
    sheet.add(form(azimuth[where[:, 1]], ROWS[where[:, 0]]), mirror)
    right = np.roll(number, -1, axis=1)
    quads = np.stack([number[:-1], right[:-1], right[1:], number[1:]], axis=-1)
    sheet.add_quads(quads[~hole[:-1]], SKIN)
    return number


def _hole(grid: np.ndarray, column: int, row: int, wide: int, high: int, mirrored: bool = False) -> np.ndarray:
    steps = rim(wide, high)
    columns = column + steps[:, 0]
    return grid[row + steps[:, 1], (-columns if mirrored else columns) % AROUND]


def _mouth(sheet: Sheet, form: Form, grid: np.ndarray, points: np.ndarray) -> np.ndarray:
    outer = _hole(grid, -lips.WIDE // 2, MOUTH_ROW, lips.WIDE, lips.HIGH)
    mirror = -np.arange(lips.COUNT) % lips.COUNT
    numbers = []
    for k, ring in enumerate(lips.rings(form, points[outer])):
        inner = sheet.add(ring, mirror)
        tag = SKIN if k <= lips.BORDER else LIPS if k <= lips.CONTACT + 1 else MOUTH
        sheet.connect(outer if k == 0 else numbers[-1], inner, tag)
        numbers.append(inner)
    inside = coons(ring, lips.WIDE, lips.HIGH)
    flipped = np.arange(len(inside)).reshape(lips.HIGH - 1, -1)[:, ::-1].ravel()
    sheet.fill(inner, sheet.add(inside, flipped), lips.WIDE, lips.HIGH, MOUTH)
    return np.array(numbers)


def _eyes(sheet: Sheet, form: Form, grid: np.ndarray, points: np.ndarray) -> np.ndarray:
    outer = [_hole(grid, EYE_COLUMN, EYE_ROW, lids.WIDE, lids.HIGH, mirrored) for mirrored in (False, True)]
    numbers = []
    for ring in lids.rings(form, points[outer[0]], *lids.opening()):
        inner = sheet.add_pair(ring)
        for side in (0, 1):
            sheet.connect(outer[side], inner[side], SKIN, flip=side == 1)
        outer = list(inner)
        numbers.append(inner)
    return np.array(numbers).transpose(1, 0, 2)


def _ears(sheet: Sheet, form: Form, grid: np.ndarray, points: np.ndarray) -> None:
    outer = _pair_of_holes(grid, EAR_COLUMN, EAR_ROW, ear.WIDE, ear.HIGH)
    *_, last = all_rings = ear.rings(form, points[outer[0]])
    bowl = coons(last, ear.WIDE, ear.HIGH) - (1.5, 0, 0)
    _pair_of_pits(sheet, outer, all_rings, bowl, (ear.WIDE, ear.HIGH), SKIN)


def _nostrils(sheet: Sheet, grid: np.ndarray, points: np.ndarray) -> None:
    outer = _pair_of_holes(grid, NOSTRIL_COLUMN, NOSTRIL_ROW, nostrils.WIDE, nostrils.HIGH)
    *_, last = all_rings = nostrils.rings(points[outer[0]])
    inside = coons(last, nostrils.WIDE, nostrils.HIGH) + np.array([0, 0, 1.0])
    _pair_of_pits(sheet, outer, all_rings, inside, (nostrils.WIDE, nostrils.HIGH), NOSTRIL)


def _pair_of_holes(grid: np.ndarray, column: int, row: int, wide: int, high: int) -> list[np.ndarray]:
    return [_hole(grid, column, row, wide, high, mirrored) for mirrored in (False, True)]


def _pair_of_pits(
    sheet: Sheet, outer: list[np.ndarray], rings: list[np.ndarray], bottom: np.ndarray, size: tuple[int, int], tag: int
) -> None:
    """Rings into a hole on the left and on the right, closed at the end."""
    for ring in rings:
        inner = sheet.add_pair(ring)
        for side in (0, 1):
            sheet.connect(outer[side], inner[side], SKIN if ring is rings[0] else tag, flip=side == 1)
        outer = list(inner)
    inside = sheet.add_pair(bottom)
    for side in (0, 1):
        sheet.fill(outer[side], inside[side], *size, tag, flip=side == 1)


def _crown(sheet: Sheet, form: Form, ring: np.ndarray) -> None:
    """Close the top with a square grid: its sides are quarters of the last row."""
    side = AROUND // 4
    azimuth = np.radians(np.concatenate([COLUMNS, -COLUMNS[-2:0:-1]]))
    disc = np.stack([np.sin(azimuth), -np.cos(azimuth), 0 * azimuth], axis=1)
    inside = coons(disc, side, side)
    flipped = np.arange(len(inside)).reshape(side - 1, -1)[:, ::-1].ravel()
    reach = np.minimum(np.hypot(inside[:, 0], inside[:, 1]), 1)
    polar = reach * np.arccos((ROWS[-1] - EGG_CENTER) / EGG_HEIGHT)
    level = EGG_CENTER + EGG_HEIGHT * np.cos(polar)
    numbers = sheet.add(form(np.arctan2(inside[:, 0], -inside[:, 1]), level), flipped)
    sheet.fill(ring, numbers, side, side, SKIN)


def _base(sheet: Sheet, ring: np.ndarray, points: np.ndarray) -> None:
    """Close the neck below with a rounded edge and a flat end."""
    side = AROUND // 4
    mirror = -np.arange(AROUND) % AROUND
    middle = points[ring].mean(axis=0)
    outline = points[ring]
    for size, down in ((0.985, 1.6), (0.93, 2.6), (0.82, 2.8)):
        flat = middle + (outline - middle) * (size, size, 1) - np.array([0, 0, down])
        inner = sheet.add(flat, mirror)
        sheet.connect(ring, inner, SKIN, flip=True)
        ring = inner
    inside = coons(flat, side, side)
    flipped = np.arange(len(inside)).reshape(side - 1, -1)[:, ::-1].ravel()
    sheet.fill(ring, sheet.add(inside, flipped), side, side, SKIN, flip=True)
