# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages between a worker of a batch and the Blender that works for it, framed as in `worker.framing`.

Blender sends `Serving` once it is ready. `Open` is answered by `Opened`, `BakeTake` by `Baked`, `MakeFilm` by `Filmed`,
and any of them by `Failed` instead.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ..core.errors import WorkerError
from ..worker.protocol import Failed, Message
from .shot import Bake

MARK = b"facewright serves from here\n"  # what Blender prints while it starts comes before


class Serving(Message, frozen=True, tag=True):
    """Blender is ready; the version of facewright in it, and its own."""

    version: str
    blender: str


class Open(Message, frozen=True, tag=True):
    """Open the .blend of a shot, and find its character."""

    bake: Bake
    sound: str
    start: float = 0.0
    duration: float | None = None
    frame: float | None = None
    seed: int | None = None


class Opened(Message, frozen=True, tag=True):
    """What the .blend says of the take: style as the content of a .fwstyle, or None for neutral; seed and variation.

    `findings` are sentences of pre-flight, those first without which it cannot be baked: `errors` of them.
    """

    style: str | None
    seed: int
    variation: float
    coverage: str
    findings: tuple[str, ...] = ()
    errors: int = 0


class BakeTake(Message, frozen=True, tag=True):
    """Bake a take into the .blend that is open, and save a copy. The motions sent along: the take, and its analysis.

    Parameters
    ----------
    path : str
        Of the copy.
    seed : int
    recipe, provider : str
        As `TakeMade` has them.
    style : str or None
        For the character from now on, as the content of a .fwstyle; None to leave its own.
    sliders : dict
        As `Adjustments.to_json` writes them, for the character.
    """

    path: str
    seed: int
    recipe: str
    provider: str
    style: str | None = None
    sliders: dict[str, Any] = msgspec.field(default_factory=dict)


class Baked(Message, frozen=True, tag=True):
    """The copy is saved."""

    coverage: str
    keys: int
    warnings: tuple[str, ...] = ()


class MakeFilm(Message, frozen=True, tag=True):
    """Render the built-in head speaking the motion that is sent along, with the sound, to a film at a path."""

    sound: str
    path: str


class Filmed(Message, frozen=True, tag=True):
    """The film is there."""


Order = Open | BakeTake | MakeFilm
Answer = Serving | Opened | Baked | Filmed | Failed


def order_of(message: dict[str, Any]) -> Order:
    """An object read from the pipe, as an order; raises WorkerError when it is none."""
    return _converted(message, Order)


def answer_of(message: dict[str, Any]) -> Answer:
    """An object read from the pipe, as an answer; raises as `order_of`."""
    return _converted(message, Answer)


def _converted(message: dict[str, Any], kinds: Any) -> Any:
    try:
        return msgspec.convert(message, kinds)
    except msgspec.ValidationError as error:
        raise WorkerError(
            f"Expected a message of a batch, got {message.get('type')!r}: {error}. Install the same facewright in "
            "Blender."
        ) from error
