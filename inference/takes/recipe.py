# SPDX-License-Identifier: GPL-3.0-or-later
"""How a take was made, in full: enough to make the same curves again, bit for bit, from the same sound.

A recipe is JSON (https://www.rfc-editor.org/rfc/rfc8259) that people can read: which sound (by the SHA-256 of its
decoded samples), which model (by the SHA-256 of its files), seed, steps, style and sliders. A take that was mixed from
others has a tree of recipes. Recipes are kept in the .blend and in exports.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from importlib import metadata
from pathlib import Path
from typing import Any

from ..adjust.adjustments import Sliders
from ..core.audio import Audio
from ..core.errors import RecipeError, StyleError
from ..core.regions import REGIONS
from ..core.timing import LARGEST_SEED, STEPS
from ..policy.card import ModelCard
from ..styles.file import from_json as style_from_json
from ..styles.file import to_json as style_to_json
from ..styles.style import Style
from .steps import Generated, How, Mixed, Punched, Sound

FORMAT, VERSION = "facewright recipe", 1
DEEPEST, LONGEST = 50, 1 << 20  # takes made of takes; characters of JSON

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Recipe:
    """How curves were made.

    Parameters
    ----------
    sound : Sound
        What was spoken.
    how : Generated, Mixed or Punched
        What was done with it.
    fps : float
        Frames per second of the curves, above 0.
    sliders : Sliders or None
        What was dialled over them, at the model's 50 frames per second; None for nothing.
    """

    sound: Sound
    how: How
    fps: float
    sliders: Sliders | None = None

    def __post_init__(self) -> None:
        _check_node("sound", self.sound, 0)
        _check_node("take", self.how, 0)
        _expect("fps", self.fps, lambda fps: _number(fps) and fps > 0, "a rate above 0")
        _expect("sliders", self.sliders, lambda held: held is None or isinstance(held, Sliders), "sliders")

    def to_json(self, indent: int | None = None) -> str:
        """As text, which `from_json` reads back without loss."""
        held = {"format": FORMAT, "version": VERSION, "fps": self.fps, "sound": table_of(self.sound)}
        held |= {"take": table_of(self.how)} | ({"sliders": self.sliders.to_json()} if self.sliders else {})
        return json.dumps(held, ensure_ascii=False, indent=indent, allow_nan=False)

    def generated(self) -> Iterator[Generated]:
        """Everything that came right from the model, in order; a take that was used twice comes twice."""
        return _leaves(self.how)


def from_json(text: str) -> Recipe:
    """A recipe from what `Recipe.to_json` wrote.

    Raises
    ------
    RecipeError
        When it is something else, damaged, or of a newer version.
    """
    if len(text) > LONGEST:
        raise RecipeError(f"Expected a recipe of at most {LONGEST} characters, got {len(text)}. It is none of ours.")
    try:
        held = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"Expected a recipe as JSON, got something else: {error}. Export the take again.") from error
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise RecipeError(
            f'Expected "format": "{FORMAT}" in a recipe, found none. Give a file that facewright exported.'
        )
    if held.get("version") != VERSION:
        raise RecipeError(
            f"Expected a recipe of version {VERSION}, got {held.get('version')!r}: it was made by another version of "
            "facewright. Install that one to replay it."
        )
    try:
        how = _node(held["take"], 0)
        sliders = Sliders.from_json(held["sliders"]) if held.get("sliders") else None
        return Recipe(Sound(**held["sound"]), how, held["fps"], sliders)
    except (KeyError, TypeError, ValueError, AttributeError, StyleError) as error:
        raise RecipeError(f"Expected a complete recipe, but this is missing or wrong: {error}.") from error


def generated(card: ModelCard, provider: str, seed: int, steps: int | None, style: Style | None) -> Generated:
    """What a loaded model makes with these; what was left out is filled in as the model does."""
    steps = card.sampling.steps if steps is None else steps
    style = None if style is None or style.is_neutral else style
    return Generated(f"{card.name} {card.version}", model_sha256(card), seed, steps, style, provider, package_version())


def audio_sha256(audio: Audio) -> str:
    """SHA-256 of decoded samples, float32 in little-endian order."""
    return hashlib.sha256(audio.samples.astype("<f4", copy=False).data).hexdigest()


def model_sha256(card: ModelCard) -> str:
    """SHA-256 over everything of a model that decides on its curves: files, sampling and contexts, not its texts."""
    sampling = [card.sampling.steps, *card.sampling.temperature, card.left_context, card.right_context]
    return hashlib.sha256(json.dumps([sorted(card.files.items()), sampling]).encode()).hexdigest()


def package_version() -> str:
    """Version of this facewright, installed by pip or as an extension."""
    manifest = Path(__file__).resolve().parents[2] / "blender_manifest.toml"
    if manifest.is_file():  # first: what pip knows may be another copy
        lines = manifest.read_text(encoding="utf-8").splitlines()
        return next(line.split('"')[1] for line in lines if line.startswith("version ="))
    return metadata.version("facewright")


def _leaves(how: How) -> Iterator[Generated]:
    if isinstance(how, Generated):
        yield how
    else:
        yield from (*_leaves(how.base), *_leaves(how.other if isinstance(how, Mixed) else how.new))


def table_of(node: Any) -> dict[str, Any]:
    """A node as JSON has it."""
    kind = {"do": _KINDS[type(node)]} if type(node) in _KINDS else {}
    return kind | {one.name: _plain(getattr(node, one.name)) for one in fields(node)}


def _plain(value: Any) -> Any:
    if isinstance(value, Style):
        return json.loads(style_to_json(value))
    return table_of(value) if hasattr(value, "__dataclass_fields__") else value


_KINDS: dict[type, str] = {Generated: "generate", Mixed: "mix", Punched: "punch"}
_BELOW = ("base", "other", "new")
_BY_KIND: dict[str, type] = {name: kind for kind, name in _KINDS.items()}


def _node(table: dict[str, Any], depth: int) -> How:
    """A node from what JSON has."""
    if depth > DEEPEST:
        raise ValueError(f"takes made of takes more than {DEEPEST} deep")
    given = {key: value for key, value in table.items() if key != "do"}
    if table["do"] not in _BY_KIND:
        raise ValueError(f"one of {', '.join(_BY_KIND)}, not {table['do']!r}")
    if given.get("style"):
        given["style"] = style_from_json(json.dumps(given["style"]), "the recipe")
    given |= {key: _node(given[key], depth + 1) for key in _BELOW if key in given}
    given |= {key: tuple(given[key]) for key in ("regions", "span") if given.get(key) is not None}
    return _BY_KIND[table["do"]](**given)


def _check_node(where: str, node: Any, depth: int) -> None:
    """Raise an error that names what is wrong in a node or below it."""
    _expect(where, depth, lambda deep: deep <= DEEPEST, f"takes made of takes at most {DEEPEST} deep")
    for name, (check, wanted) in _CHECKS[type(node)].items():
        _expect(f"{where}.{name}", getattr(node, name), check, wanted)
    for name in [name for name in _BELOW if hasattr(node, name)]:
        _check_node(f"{where}.{name}", getattr(node, name), depth + 1)


def _expect(where: str, value: Any, check: Check, wanted: str) -> None:
    if not check(value):
        raise RecipeError(f"Expected {wanted} as {where} of a recipe, got {value!r:.80}. Export the take again.")


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _hash(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def _span(value: Any) -> bool:
    times = isinstance(value, tuple) and len(value) == 3 and all(map(_number, value))
    return times and value[0] <= value[1] and value[2] >= 0


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TEXT: tuple[Check, str] = (lambda value: isinstance(value, str) and len(value) <= 1000, "a short text")
_SHA: tuple[Check, str] = (_hash, "64 hexadecimal digits")
_CHECKS: dict[type, dict[str, tuple[Check, str]]] = {
    Sound: {
        "name": _TEXT,
        "sha256": _SHA,
        "start": (lambda value: _number(value) and value >= 0, "seconds, 0 or more"),
        "duration": (lambda value: value is None or (_number(value) and value > 0), "seconds above 0, or null"),
    },
    Generated: {
        **dict.fromkeys(("model", "provider", "package"), _TEXT),
        "model_sha256": _SHA,
        "seed": (lambda value: _whole(value) and 0 <= value <= LARGEST_SEED, f"a number from 0 to {LARGEST_SEED}"),
        "steps": (lambda value: _whole(value) and value in STEPS, "1, 2 or 4"),
        "style": (lambda value: value is None or isinstance(value, Style), "a style, or null"),
    },
    Mixed: {
        **dict.fromkeys(("base", "other"), (lambda value: type(value) in _KINDS, "a take")),
        "regions": (lambda value: isinstance(value, tuple) and set(value) <= set(REGIONS), f"of {', '.join(REGIONS)}"),
        "span": (lambda value: value is None or _span(value), "begin, end and blend in seconds, or null"),
    },
    Punched: {
        "base": (lambda value: type(value) in _KINDS, "a take"),
        "new": (lambda value: isinstance(value, Generated), "a take right from the model"),
        **dict.fromkeys(("first", "last"), (lambda value: _whole(value) and value >= 0, "a frame, 0 or more")),
    },
}
