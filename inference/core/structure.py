# SPDX-License-Identifier: GPL-3.0-or-later
"""Checked reading of JSON and TOML into types; of a wrong file one sentence says what is wrong, where, and what to do.

Types say themselves what they hold; msgspec (https://jcristharif.com/msgspec/) compares. It is imported when something
is read, so that importing the package stays quick.
"""

from __future__ import annotations

import json
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import FacewrightError

if TYPE_CHECKING:
    from msgspec import ValidationError

T = TypeVar("T")

_WORDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}


@dataclass(frozen=True)
class Reader:
    """Reads one kind of file; whatever is wrong with it is raised as `error`, with `what` and `advice` in the text.

    Parameters
    ----------
    what : str
        As a sentence calls it: "the recipe", "'bob.fwstyle'".
    advice : str
        What to do when it is damaged, as a sentence.
    error : type
        The class of error to raise.
    """

    what: str
    advice: str
    error: type[FacewrightError]

    def json(self, text: str) -> Any:
        """The content of a JSON text; NaN and infinity are refused."""
        try:
            return json.loads(text, parse_float=_finite, parse_constant=_refuse)
        except (ValueError, RecursionError) as problem:
            raise self.error(f"Expected {self.what} to be JSON: {problem}. {self.advice}") from problem

    def text(self, path: Path) -> str:
        """The content of a text file in UTF-8."""
        try:
            return path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as problem:
            raise self.error(f"Cannot read {self.what}: {problem}. {self.advice}") from problem

    def toml(self, text: str) -> dict[str, Any]:
        """The content of a TOML text."""
        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError) as problem:  # of numbers with too many digits, and of tables in tables
            raise self.error(f"Expected {self.what} to be TOML: {problem}. {self.advice}") from problem

    def ensure_format(self, table: Any, name: str, version: int) -> None:
        """Raise an error unless a table says that it is of this format and version."""
        given = table.get("format") if isinstance(table, dict) else None
        if given != name:
            raise self.error(
                f'Expected {self.what} to say "format": "{name}", got {given!r:.80}. Choose a file of that kind, which '
                "facewright exported."
            )
        if (given := table.get("version")) != version:
            newer = isinstance(given, int) and given > version
            raise self.error(
                f"Expected {self.what} to be of version {version}, got {given!r:.80}. "
                + ("It was made by a newer facewright: update this one." if newer else self.advice)
            )

    def convert(self, table: Any, kind: type[T]) -> T:
        """The table as an instance of `kind`, a dataclass or msgspec.Struct, whose own checks run as well."""
        import msgspec

        try:
            return msgspec.convert(table, kind)
        except (msgspec.ValidationError, RecursionError) as problem:
            reason = in_words(problem, table, kind) if isinstance(problem, msgspec.ValidationError) else str(problem)
            raise self.error(f"Expected {self.what} complete and right, but {reason}. {self.advice}") from problem


def in_words(problem: ValidationError, table: Any, kind: Any) -> str:
    """What msgspec found wrong in a table, as half a sentence without its names of types."""
    from msgspec.structs import fields

    text, _, path = str(problem).partition(" - at ")
    place = path.removeprefix("`key` in ").strip("`").removeprefix("$").removeprefix(".")
    inside = f" in '{place}'" if place else ""
    if match := re.fullmatch(r"Object missing required field `(.*)`", text):
        return f"'{match[1]}' is missing{inside}"
    if match := re.fullmatch(r"Object contains unknown field `(.*)`", text):
        known = "" if place else f"; known are {', '.join(entry.encode_name for entry in fields(kind))}"
        return f"'{match[1]}' is not known{inside}{known}"
    if match := re.fullmatch(r"Invalid (?:enum )?value (.*)", text):
        return f"{match[1]} is not known{inside}"
    if match := re.fullmatch(r"Expected `(.*?)`(.*?)(?:, got (.*))?", text):
        given = _WORDS.get((match[3] or "").strip("`"), match[3])
        given = given if "[...]" in place else f"{_at(table, place)!r:.80}"
        wanted = " or ".join(_WORDS.get(name, name) for name in match[1].replace("int | float", "float").split(" | "))
        form = match[2].replace("matching regex", "of the form")
        return f"{repr(place) if place else 'it'} should be {wanted}{form}, not {given}"
    return f"{text}{inside}"


def _at(table: Any, place: str) -> Any:
    """What a path such as ``line[3].gain`` leads to."""
    for name, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", place):
        table = table[name] if name else table[int(index)]
    return table


def _finite(text: str) -> float:
    return number if math.isfinite(number := float(text)) else _refuse(text)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no number")
