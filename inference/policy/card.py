# SPDX-License-Identifier: GPL-3.0-or-later
"""The model card: what a released model is, what it learned from, and how good it was measured to be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.channels import LIVE_LINK
from ..core.errors import ModelError
from ..core.structure import Reader

CARD = "card.toml"


@dataclass(frozen=True)
class DataSource:
    """One set of recordings the model was trained on."""

    name: str
    what: str
    licence: str
    attribution: str


@dataclass(frozen=True)
class Figure:
    """One measured number: of which recordings, of what, how much, and how it was measured."""

    recordings: str
    measure: str
    value: float
    how: str


@dataclass(frozen=True)
class Sampling:
    """How the policy is sampled.

    The words are those of Diffusion Policy (https://arxiv.org/abs/2303.04137): of `horizon` frames that are drawn at
    once, `executed` are kept before it looks again at the last ones. It is told what the memory expects of the last
    frames and of the `heard` next ones. `steps` is its usual number of steps, `temperature` how much noise each of the
    61 channels begins with.
    """

    steps: int
    horizon: int
    executed: int
    heard: int
    temperature: tuple[float, ...]

    @property
    def variation(self) -> float:
        """The noise that jaw and lips begin with."""
        return self.temperature[LIVE_LINK.index("jawOpen")]

    def __post_init__(self) -> None:
        if not 1 <= self.executed <= self.heard <= self.horizon:
            raise ValueError("executed, heard and horizon should be at least 1, and none less than the one before")
        if not all(0 <= value < float("inf") for value in self.temperature):
            raise ValueError(f"temperature should be finite numbers of at least 0, not {self.temperature!r}")


@dataclass(frozen=True)
class ModelCard:
    """Everything ``card.toml`` says.

    ``left_context`` and ``right_context`` are the frames of sound before and after a frame that can change the output
    of encoder and memory for it: parts of a sound that overlap by these give the same as the whole.
    ``phones_right_context`` is the right context of the encoder's phonemes alone, which need not look as far ahead.
    Of a long sound ``chunk`` frames are encoded at once. A model that is not ``live`` hears all that is near, and is
    only approximately the same for a sound that is cut elsewhere.
    """

    folder: Path
    name: str
    family: str
    version: str
    summary: str
    fps: float
    rate: int
    live: bool
    chunk: int
    left_context: int
    right_context: int
    phones_right_context: int
    sampling: Sampling
    channels: tuple[str, ...]
    phones: tuple[str, ...]
    learned: str
    rule_made: str
    limits: tuple[str, ...]
    data: tuple[DataSource, ...]
    figures: tuple[Figure, ...]
    files: dict[str, str]  # file name -> sha256

    def __post_init__(self) -> None:
        if self.chunk < 1:
            raise ValueError("chunk should be at least 1")
        if not 0 <= self.phones_right_context <= self.right_context:
            raise ValueError("phones_right_context should be from 0 to right_context")

    def read(self, name: str) -> bytes:
        """The content of one of the model's files, whose checksum is as the card says.

        Raises
        ------
        ModelError
            When the file is absent or is not the one the card was written for.
        """
        path = self.folder / name
        if name not in self.files:
            raise ModelError(f"Expected {name} among the files that {self.folder / CARD} lists: {list(self.files)}.")
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise ModelError(
                f"Expected the model file {path}, but it cannot be read ({problem}). Install facewright again."
            ) from problem
        checksum = hashlib.sha256(content).hexdigest()
        if checksum != self.files[name]:
            raise ModelError(
                f"Expected {path} to have SHA-256 {self.files[name][:12]}..., got {checksum[:12]}...: the file is "
                "damaged or belongs to another version. Install facewright again."
            )
        return content


def read_card(folder: Path) -> ModelCard:
    """Read ``card.toml`` of a model folder; every field must be there.

    Raises
    ------
    ModelError
        When there is no card, it is not TOML, or a field is missing or of the wrong kind.
    """
    advice = "Install facewright again, or name a folder that holds a model."
    reader = Reader(f"the model card '{folder / CARD}'", advice, ModelError)
    table = reader.toml(reader.text(folder / CARD))
    files = reader.convert(table.get("files"), dict[str, dict[str, Any]])
    sums = {name: entry.get("sha256") for name, entry in files.items()}
    return reader.convert({**table, "folder": folder, "sampling": table.get("policy"), "files": sums}, ModelCard)
