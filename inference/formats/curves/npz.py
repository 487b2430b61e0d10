# SPDX-License-Identifier: GPL-3.0-or-later
"""NumPy archives, for studio tools and for measuring.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html. The arrays are

==================== =================== ==================================================================
``weights``          (F, 52) float32     ARKit weights in [0, 1]
``channels``         (52,) str           their camelCase names
``head``             (F, 3) float32      radians: pitch, yaw, roll
``head_names``       (3,) str            headPitch, headYaw, headRoll
``eyes``             (F, 6) float32      radians: left pitch, yaw, roll, then right pitch, yaw, roll
``eye_names``        (6,) str            leftEyePitch, ..., rightEyeRoll
``visemes``          (F, 15) float32     Oculus visemes in [0, 1]
``viseme_names``     (15,) str           viseme_sil, ...
``fps``, ``start``   () float64          frames per second; seconds of the first frame
``recipe``           () str              JSON, how the curves were made (`inference.takes.recipe`); may be absent
==================== =================== ==================================================================

A group of which a motion has nothing, as recordings of a face have no visemes, is left out.
"""

from __future__ import annotations

import io
import os
from collections.abc import Container
from typing import TYPE_CHECKING

import numpy as np

from ...core.atomic_write import replacing
from ...core.channels import ARKIT, CHANNELS, VISEMES
from ...core.errors import MotionError
from ...core.motion import Motion
from ...core.npz_arrays import arrays_of

if TYPE_CHECKING:
    from ...takes.recipe import Recipe

SUFFIX = ".npz"

HEAD = ("headPitch", "headYaw", "headRoll")
EYES = ("leftEyePitch", "leftEyeYaw", "leftEyeRoll", "rightEyePitch", "rightEyeYaw", "rightEyeRoll")
_GROUPS = (("weights", "channels", ARKIT), ("head", "head_names", HEAD), ("eyes", "eye_names", EYES))
_GROUPS += (("visemes", "viseme_names", VISEMES),)
_NAMES = ("fps", "start", *(name for group in _GROUPS for name in group[:2]))


def write(motion: Motion, path: str | os.PathLike[str], recipe: Recipe | None = None) -> None:
    """Write its groups of channels.

    Raises
    ------
    MotionError
        When one of a group is missing, or it has none of any group.
    ExportError
        When the file cannot be made.
    """
    arrays: dict[str, np.ndarray] = {"fps": np.float64(motion.fps), "start": np.float64(motion.start)}  # type: ignore[dict-item]
    known = set(motion.channels)
    for values, names, channels in _GROUPS if known.isdisjoint(CHANNELS) else _present(known):
        arrays[values] = motion.select(channels).values
        arrays[names] = np.array(channels)
    if recipe is not None:
        arrays["recipe"] = np.array(recipe.to_json())
    packed = io.BytesIO()  # first in memory: zipfile complains twice when a disk is full
    np.savez_compressed(packed, **arrays)
    with replacing(path) as part:
        part.write_bytes(packed.getbuffer())


def _present(known: Container[str]) -> list[tuple[str, str, tuple[str, ...]]]:
    """The groups of which something is there."""
    return [group for group in _GROUPS if any(channel in known for channel in group[2])]


def read(path: str | os.PathLike[str]) -> Motion:
    """Read what `write` wrote, channels in the order of ``CHANNELS``; raises MotionError when it is something else."""
    try:
        arrays, columns = arrays_of(path, _NAMES), dict[str, np.ndarray]()
        for values, names, _ in _GROUPS:
            if names in arrays:
                columns.update(zip(arrays[names].tolist(), arrays[values].T, strict=True))
        fps, start = float(arrays["fps"]), float(arrays["start"])
        channels = tuple(name for name in CHANNELS if name in columns)
        return Motion(np.stack([columns[name] for name in channels], axis=1), channels, fps, start)
    except Exception as error:  # a damaged archive can fail in any way
        raise _something_else(path, error) from error


def _something_else(path: str | os.PathLike[str], error: Exception) -> MotionError:
    return MotionError(f"Expected curves written by facewright in '{path}', got something else: {error}.")


def read_recipe(path: str | os.PathLike[str]) -> Recipe | None:
    """The recipe that was written with the curves; raises MotionError when the file is something else."""
    try:
        text = str(arrays_of(path, ["recipe"]).get("recipe", ""))
    except Exception as error:
        raise _something_else(path, error) from error
    if not text:
        return None
    from ...takes.recipe import from_json

    return from_json(text)
