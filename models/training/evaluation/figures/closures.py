# SPDX-License-Identifier: GPL-3.0-or-later
"""Counting closed lips: where p, b or m is said, and where it is not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from facewright.inference.core.channels import BILABIALS

SHUT = 0.011  # outer-eye distances, about 1 mm on a face: lips count as closed
REACH = 0.033  # seconds around an aligned phone in which its closure may lie
NOT_CLOSING = ("T", "D", "K", "G", "S", "Z", "CH", "JH", "N", "L", "TH", "DH", "Y", "HH", "SH")


@dataclass(frozen=True, eq=False)
class Spoken:
    """Aligned phones (ARPAbet, begin s, end s) and the lip opening (F,) at its times (F,), outer-eye distances."""

    phones: list[tuple[str, float, float]]
    times: np.ndarray
    opening: np.ndarray


def closures(clips: list[Spoken]) -> tuple[float | None, float, float | None, float | None]:
    """What the columns say; None where there is nothing to count."""
    shut, false, closings = [], [], []
    for clip in clips:
        for k, (phone, begin, end) in enumerate(clip.phones):
            near = {p for p, _, _ in clip.phones[max(k - 1, 0) : k + 2]}
            if phone in BILABIALS:
                shut.append(_lowest(clip, begin - REACH, end + REACH) <= SHUT)
            elif phone in NOT_CLOSING and not near & {*BILABIALS, "SIL"}:
                false.append(_lowest(clip, begin, end) <= SHUT)
        closings += false_closings(clip)
    means = [float(np.mean(found)) if found else None for found in (shut, false, closings)]
    return means[0], float(len(shut)), means[1], means[2]


def _lowest(clip: Spoken, begin: float, end: float) -> float:
    """Least opening between two times; infinite where no frame lies between them."""
    return float(clip.opening[(clip.times >= begin) & (clip.times <= end)].min(initial=np.inf))


def false_closings(clip: Spoken) -> list[bool]:
    """For each run of frames with shut lips that does not touch silence: whether no p, b or m is near it."""
    shut = np.r_[False, clip.opening <= SHUT, False]
    begins, ends = np.flatnonzero(shut[1:] & ~shut[:-1]), np.flatnonzero(shut[:-1] & ~shut[1:]) - 1
    found = []
    for first, last in zip(clip.times[begins], clip.times[ends], strict=True):
        near = {phone for phone, begin, end in clip.phones if begin - REACH <= last and end + REACH >= first}
        if near and "SIL" not in near:
            found.append(not near & set(BILABIALS))
    return found
