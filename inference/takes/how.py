# SPDX-License-Identifier: GPL-3.0-or-later
"""How a take was made, as recipes have it: generated, mixed from two, or with frames made again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, structs

from ..core.errors import RecipeError
from ..core.parts import PARTS
from ..core.regions import REGIONS
from ..core.timing import LARGEST_SEED, STEPS
from ..styles.file import StyleTable
from ..styles.style import Style

Text = Annotated[str, Meta(max_length=1000)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Frame = Annotated[int, Meta(ge=0)]
Place = Annotated[int, Meta(ge=1, le=1000)]
Number = int | float  # so that a text which is read and written again is the same


class Generated(
    Struct, frozen=True, eq=False, dict=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="do",
    tag="generate", rename={"table": "style"},
):  # fmt: skip
    """A take generated from the sound alone.

    Parameters
    ----------
    model, model_sha256 : str
        Name and version of the model, and the SHA-256 that `model_sha256` gives.
    seed : int
        In [0, 2**31).
    steps : int
        1, 2 or 4.
    table : StyleTable or None
        Its style as files have it; None for neutral.
    provider : str
        "CPU" or "CUDA": the same bits come only from the same one.
    package : str
        Version of facewright.
    variation : float
        In [0, 1]; recipes of before version 2 have none, and lips that did not vary.
    """

    model: Text
    model_sha256: Sha256
    seed: Annotated[int, Meta(ge=0, le=LARGEST_SEED)]
    steps: Literal[STEPS]
    table: StyleTable | None
    provider: Text
    package: Text
    variation: Annotated[float, Meta(ge=0, le=1)] = 0.0

    def __post_init__(self) -> None:
        _ = self.style  # read here, so that a wrong style is an error when the recipe is read

    @cached_property
    def style(self) -> Style | None:
        """Its style; None for neutral."""
        return None if self.table is None else self.table.style()


class Mixed(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="mix"):
    """A take mixed from two; see `mix.mix`.

    Parameters
    ----------
    base, other : Generated, Mixed, Punched or Retaken
        The takes.
    regions : tuple of str
        Regions of the face that are from the other one; empty for all of it.
    span : tuple of float or None
        Seconds of the sound at which the other one begins and ends, and over which they are blended; None for always.

    Raises
    ------
    RecipeError
        When the span ends before it begins.
    """

    base: How
    other: How
    regions: tuple[Literal[tuple(REGIONS)], ...] = ()
    span: tuple[Number, Number, Number] | None = None

    def __post_init__(self) -> None:
        if self.span is not None and not (self.span[0] <= self.span[1] and self.span[2] >= 0):
            raise RecipeError(
                f"Expected begin, end and blend in seconds as span of a mix, got {self.span}. Export the take again."
            )


class Punched(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="punch"):
    """A take of which the frames from `first` up to `last` were made again, as recipes before `Retaken` have it."""

    base: How
    new: Generated
    first: Frame
    last: Frame


class Punch(Struct, frozen=True, forbid_unknown_fields=True):
    """Some frames made again: the first, the one after the last, the seed, which of `Retaken.by`, and which parts.

    `parts` are those of `core.parts`; empty for the whole face.
    """

    first: Frame
    last: Frame
    seed: Annotated[int, Meta(ge=0, le=LARGEST_SEED)]
    by: Frame = 0
    parts: tuple[Literal[tuple(PARTS)], ...] = ()


class Retaken(Struct, frozen=True, forbid_unknown_fields=True, tag_field="do", tag="retake"):
    """A take of which frames were made again, any number of times, one after the other; see `retake.retake_frames`.

    Parameters
    ----------
    base : Generated or Mixed
        The take before.
    by : tuple of Generated
        How frames were made, but for the seed.
    punches : tuple of Punch
        In the order in which they were made.

    Raises
    ------
    RecipeError
        When a punch names none of `by`.
    """

    base: How
    by: tuple[Generated, ...]
    punches: tuple[Punch, ...]

    def __post_init__(self) -> None:
        if any(punch.by >= len(self.by) for punch in self.punches):
            raise RecipeError(
                f"Expected each retake of a recipe to name one of {len(self.by)} in 'by', got another number. Export "
                "the take again."
            )

    def made(self, punch: Punch) -> Generated:
        """How the frames of a punch were made."""
        return structs.replace(self.by[punch.by], seed=punch.seed)


How = Generated | Mixed | Punched | Retaken


def punched(how: How, new: Generated, first: int, last: int, parts: Collection[str] = ()) -> Retaken:
    """The recipe of a take of which some frames, or `parts` of the face on them, were made again as `new` was.

    The list stays flat, and what was made again before is left out where nothing is seen of it any more.
    """
    base, made = _unfolded(how)
    parts = () if set(parts) == set(PARTS) else tuple(name for name in PARTS if name in parts)
    hidden = set(parts or PARTS)
    while (
        made and first <= made[-1][1].first and made[-1][1].last <= last and hidden >= set(made[-1][1].parts or PARTS)
    ):
        made.pop()
    made.append((new, Punch(first, last, new.seed, 0, parts)))
    by: dict[bytes, Generated] = {}
    punches = []
    for source, punch in made:
        plain = structs.replace(source, seed=0)
        key = msgspec.json.encode(plain)
        by.setdefault(key, plain)
        punches.append(structs.replace(punch, by=[*by].index(key)))
    return Retaken(base, tuple(by.values()), tuple(punches))


def _unfolded(how: How) -> tuple[How, list[tuple[Generated, Punch]]]:
    """The take below all that was made again, and what that was, the first one first."""
    made: list[tuple[Generated, Punch]] = []
    while isinstance(how, Punched | Retaken):
        if isinstance(how, Punched):
            made.insert(0, (how.new, Punch(how.first, how.last, how.new.seed)))
        else:
            made = [(how.made(punch), punch) for punch in how.punches] + made
        how = how.base
    return how, made


def below(how: How) -> tuple[How, ...]:
    """The takes that a take was made from; none for a generated one."""
    if isinstance(how, Generated):
        return ()
    if isinstance(how, Retaken):
        return (how.base, *map(how.made, how.punches))
    return (how.base, how.other if isinstance(how, Mixed) else how.new)


def leaves(how: How) -> Iterator[Generated]:
    """All takes generated from the sound alone, in order; one that was used twice comes twice."""
    if isinstance(how, Generated):
        yield how
    for part in below(how):
        yield from leaves(part)
