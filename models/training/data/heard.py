# SPDX-License-Identifier: GPL-3.0-or-later
"""What frozen ears hear in streams: computed once, for everything that learns from it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from facewright.inference.core.channels import PHONES
from facewright.models.networks.ears import PhoneEars
from facewright.models.training.data.motion_streams import Stream

LONGEST = 600  # frames that are heard at once: as many as the ears were trained with


@dataclass(frozen=True, eq=False)
class Heard:
    """Features and phone logits of a stream of N frames."""

    features: np.ndarray  # (N, width) float16
    logits: np.ndarray  # (N, 40) float16

    def windows(self, part: slice) -> tuple[Tensor, Tensor]:
        """Those of some frames."""
        return torch.from_numpy(self.features[part].astype(np.float32)), torch.from_numpy(
            self.logits[part].astype(np.float32)
        )


def clips(stream: Stream) -> Iterator[slice]:
    """The clips of a stream, long ones in parts."""
    for begin, end in pairwise([0, *np.flatnonzero(stream.edge[1:]) + 1, len(stream)]):
        cuts = [*range(begin, end, LONGEST), end]
        yield from (slice(first, last) for first, last in pairwise(cuts))


@torch.no_grad()
def hear(ears: PhoneEars, stream: Stream, folder: Path) -> Heard:
    """What is heard in a whole stream; from the files in `folder`, if these ears have heard these sounds before."""
    marks = zlib.crc32(np.ascontiguousarray(stream.mel[::50]))
    for weight in ears.state_dict().values():
        marks = zlib.crc32(weight.numpy(), marks)
    files = [folder / f"{len(stream)}-{marks:08x}.{kind}.npy" for kind in ("features", "logits")]
    if not all(file.exists() for file in files):
        made = np.empty((len(stream), ears.width), np.float16), np.empty((len(stream), len(PHONES)), np.float16)
        for part in clips(stream):
            mel = torch.from_numpy(stream.mel[2 * part.start : 2 * part.stop].astype(np.float32))
            for whole, value in zip(made, ears(mel[None]), strict=True):
                whole[part] = value[0].numpy()
        folder.mkdir(parents=True, exist_ok=True)
        for file, whole in zip(files, made, strict=True):
            np.save(file, whole)
    return Heard(*(np.load(file, mmap_mode="r") for file in files))
