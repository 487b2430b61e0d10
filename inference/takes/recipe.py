# SPDX-License-Identifier: GPL-3.0-or-later
"""Recipes: how a take was made, in full, so that the same sound gives the same curves again, bit for bit.

A recipe is JSON (https://www.rfc-editor.org/rfc/rfc8259) that people can read: which sound (by the SHA-256 of its
decoded samples), which model (by the SHA-256 of its files), seed, steps, style and sliders. A take that was mixed from
others has a tree of recipes. Recipes are kept in the .blend and in exports.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import Struct, structs, to_builtins

from ..adjust.adjustments import Adjustments
from ..core.audio import Audio
from ..core.clip import Clip
from ..core.errors import RecipeError, StyleError
from ..core.spool import blocks
from ..core.structure import Reader
from ..policy.card import ModelCard
from ..styles.file import table_of
from ..styles.style import Style
from .how import Generated, How, Number, Place, Sha256, Text, below, leaves
from .how import Mixed as Mixed
from .how import Punched as Punched
from .how import Retaken as Retaken

FORMAT, VERSION = "facewright recipe", 1
_READER = Reader("the recipe", "Export the take again.", RecipeError)
_RARE = ("channel", "track")  # told only where they were chosen
DEEPEST, LONGEST = 50, 1 << 20  # takes made of takes; characters of JSON


class Sound(Struct, frozen=True, forbid_unknown_fields=True):
    """The sound of a take.

    Parameters
    ----------
    name : str
        Name of its file, without folder; for people.
    sha256 : str
        SHA-256 of its samples as `inference.core.audio.Audio` has them: 16 kHz, mono, float32 in little-endian order.
    start : float
        Seconds of the file that come before it.
    duration : float or None
        Seconds that were asked for; None for the rest of the file.
    channel, track : int or None
        Of a file that has several, from 1; None for the mean of all channels, and the first track.
    """

    name: Text
    sha256: Sha256
    start: Number = 0.0
    duration: Number | None = None
    channel: Place | None = None
    track: Place | None = None

    def __post_init__(self) -> None:
        if self.start < 0 or (self.duration is not None and self.duration <= 0):
            raise RecipeError(
                f"Expected a start of 0 s or later and a duration above 0 s in a recipe, got {self.start} and "
                f"{self.duration}. Export the take again."
            )

    @classmethod
    def of(cls, clip: Clip, audio: Audio) -> Sound:
        """The sound of a clip, which was decoded."""
        name = Path(clip.path).name.encode("utf-8", "backslashreplace").decode()  # some are no Unicode
        digest = audio_sha256(audio)
        return cls(name, digest, clip.start, clip.duration, clip.channel, clip.track)

    def clip(self, path: Path | str) -> Clip:
        """What is heard of its file, which is at this path now."""
        return Clip(str(path), self.start, self.duration, self.channel, self.track)


@dataclass(frozen=True)
class Recipe:
    """How curves were made.

    Parameters
    ----------
    sound : Sound
        The speech that it is made from.
    how : Generated, Mixed, Punched or Retaken
        The take, as a tree of the takes that it is made from.
    fps : float
        Frames per second of the curves, above 0.
    sliders : Adjustments or None
        Sliders applied to them, at the model's 50 frames per second; None for none.

    Raises
    ------
    RecipeError
        When the rate is not above 0, or takes of takes are nested more than `DEEPEST` deep.
    """

    sound: Sound
    how: How
    fps: float
    sliders: Adjustments | None = None

    def __post_init__(self) -> None:
        if self.fps <= 0:
            raise RecipeError(f"Expected a rate above 0 as fps of a recipe, got {self.fps}. Export the take again.")
        _ensure_shallow(self.how)

    def table(self) -> dict[str, Any]:
        """The recipe as plain tables, lists and numbers, which `from_table` reads back without loss."""
        sound = {name: value for name, value in to_builtins(self.sound).items() if name not in _RARE or value}
        table = {"format": FORMAT, "version": VERSION, "fps": self.fps, "sound": sound, "take": self.how}
        return to_builtins(table | ({"sliders": self.sliders.to_json()} if self.sliders else {}))

    def to_json(self, indent: int | None = None) -> str:
        """The recipe as JSON, which `from_json` reads back."""
        return json.dumps(self.table(), ensure_ascii=False, indent=indent, allow_nan=False)

    def generated(self) -> Iterator[Generated]:
        """All takes generated from the sound alone, in order; one that was used twice comes twice."""
        return leaves(self.how)


class _Sliders(Struct, forbid_unknown_fields=True):
    values: dict[str, float | list[float]] = {}
    emotions: dict[str, float | list[float]] = {}
    masks: dict[str, float | list[float]] = {}
    phones: dict[str, float | list[float]] = {}
    seed: int = 0


class _File(Struct):
    fps: Number
    sound: Sound
    take: How
    sliders: _Sliders | None = None


def from_json(text: str) -> Recipe:
    """A recipe from what `Recipe.to_json` wrote.

    Raises
    ------
    RecipeError
        When it is something else, damaged, or of a newer version.
    """
    if len(text) > LONGEST:
        raise RecipeError(f"Expected a recipe of at most {LONGEST} characters, got {len(text)}. It is none of ours.")
    return from_table(_READER.json(text))


def from_table(table: Any) -> Recipe:
    """A recipe from what `Recipe.table` gave; raises RecipeError when it is something else."""
    _READER.ensure_format(table, FORMAT, VERSION)
    try:
        content = _READER.convert(table, _File)
        sliders = None if content.sliders is None else Adjustments(**structs.asdict(content.sliders))
    except StyleError as error:
        raise RecipeError(f"Expected the recipe complete and right, but: {error}") from error
    return Recipe(content.sound, content.take, content.fps, sliders)


def generated(
    card: ModelCard, provider: str, seed: int, steps: int | None, style: Style | None, variation: float | None = None
) -> Generated:
    """The recipe of a take that a loaded model makes with these; what was left out is the model's own."""
    steps = card.sampling.steps if steps is None else steps
    variation = card.sampling.variation if variation is None else variation
    table = None if style is None or style.is_neutral else table_of(style)
    name, digest = f"{card.name} {card.version}", model_sha256(card)
    return Generated(name, digest, seed, steps, table, provider, package_version(), variation)


def audio_sha256(audio: Audio) -> str:
    """SHA-256 of decoded samples, float32 in little-endian order."""
    digest = hashlib.sha256()
    for part in blocks(audio.samples, 1 << 20):
        digest.update(part.astype("<f4", copy=False).data)
    return digest.hexdigest()


def model_sha256(card: ModelCard) -> str:
    """SHA-256 over all that a model's curves depend on: its files, sampling and contexts, not its texts."""
    sampling = [card.sampling.steps, *card.sampling.temperature, card.left_context, card.right_context]
    return hashlib.sha256(json.dumps([sorted(card.files.items()), sampling]).encode()).hexdigest()


def package_version() -> str:
    """Version of this facewright, installed by pip or as an extension."""
    manifest = Path(__file__).resolve().parents[2] / "blender_manifest.toml"
    if manifest.is_file():  # first: what pip knows may be another copy
        return tomllib.loads(manifest.read_text(encoding="utf-8"))["version"]
    from importlib import metadata

    return metadata.version("facewright")


def _ensure_shallow(how: How, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise RecipeError(f"Expected takes made of takes at most {DEEPEST} deep in a recipe. Generate the take anew.")
    for part in below(how):
        _ensure_shallow(part, depth + 1)
