# SPDX-License-Identifier: GPL-3.0-or-later
"""The model card: what a released model is, what it learned from, and how good it was measured to be."""

from __future__ import annotations

import hashlib
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.errors import ModelError

CARD = "card.toml"
_CONTEXTS = ("left_context", "right_context", "phones_right_context")


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
    """How the policy is sampled: its usual number of steps, and how much noise each of the 61 channels begins with."""

    steps: int
    temperature: tuple[float, ...]


@dataclass(frozen=True)
class ModelCard:
    """Everything ``card.toml`` says.

    ``left_context`` and ``right_context`` are the frames of sound before and after a frame that can change what encoder
    and memory say of it: parts of a sound that overlap by these give the same as the whole. ``phones_right_context`` is
    that of the encoder's phones alone, which need not look as far ahead.
    """

    folder: Path
    name: str
    family: str
    version: str
    summary: str
    fps: float
    rate: int
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

    def read(self, name: str) -> bytes:
        """Content of one of the model's files, after its checksum was compared.

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
        found = hashlib.sha256(content).hexdigest()
        if found != self.files[name]:
            raise ModelError(
                f"Expected {path} to have SHA-256 {self.files[name][:12]}..., got {found[:12]}...: the file is damaged "
                "or belongs to another version. Install facewright again."
            )
        return content


def read_card(folder: Path) -> ModelCard:
    """Read ``card.toml`` of a model folder; every field must be there.

    Raises
    ------
    ModelError
        When there is no card, it is not TOML, or a field is missing or of the wrong kind.
    """
    path = folder / CARD
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as problem:
        raise ModelError(
            f"Expected a model with its {CARD} in {folder}, but it cannot be read ({problem}). "
            "Install facewright again, or name a folder that holds a model."
        ) from problem
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ModelError(
            f"Expected TOML in {path}, got something else ({problem}). Install facewright again."
        ) from problem
    try:
        return _card(folder, table)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise ModelError(
            f"Expected a complete model card in {path}; missing or wrong: {problem}. Install facewright again."
        ) from problem


def _card(folder: Path, table: dict[str, Any]) -> ModelCard:
    fields: dict[str, Any] = {
        **{key: _typed(table, key, str) for key in ("name", "family", "version", "summary", "learned", "rule_made")},
        **{key: _typed(table, key, int) for key in ("rate", *_CONTEXTS)},
        **{key: tuple(_typed(table, key, list)) for key in ("channels", "phones", "limits")},
    }
    if not 0 <= fields["phones_right_context"] <= fields["right_context"]:
        raise ValueError("phones_right_context should be from 0 to right_context")
    return ModelCard(
        folder=folder,
        **fields,
        fps=float(table["fps"]),
        sampling=_sampling(_typed(table, "policy", dict)),
        data=tuple(DataSource(**row) for row in _typed(table, "data", list)),
        figures=tuple(Figure(**row) for row in _typed(table, "figures", list)),
        files={name: _typed(entry, "sha256", str) for name, entry in _typed(table, "files", dict).items()},
    )


def _sampling(table: dict[str, Any]) -> Sampling:
    temperature = tuple(float(value) for value in _typed(table, "temperature", list))
    if not all(0 <= value < math.inf for value in temperature):
        raise ValueError(f"temperature should be numbers of at least 0, not {temperature!r}")
    return Sampling(_typed(table, "steps", int), temperature)


def _typed(table: dict[str, Any], key: str, kind: type) -> Any:
    value = table[key]
    if not isinstance(value, kind):
        raise TypeError(f"{key} should be {kind.__name__}, not {value!r}")
    return value
