# SPDX-License-Identifier: GPL-3.0-or-later
"""What the add-on and its worker say to each other: one class for each message, told apart by its name.

The worker first says `Ready` (or `Failed`, when no model can be loaded). Then each request is answered by any number of
`Progress` and by what its own text names; or by `Failed`. Seconds count from the beginning of the clip everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

import msgspec

from ..core.clip import Clip
from ..core.errors import WorkerError
from ..core.motion import Motion
from .framing import write_packet

PROTOCOL = 3


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True, forbid_unknown_fields=True):
    """One message.

    Parameters
    ----------
    id : int
        Number of the request, and of every answer to it; 0 for what answers none.
    """

    id: int = 0


class Generate(Message, frozen=True, tag=True):
    """Takes of a clip: `Analysed`, then a `TakeMade` for each seed. Motions are pins.

    Parameters
    ----------
    clip : Clip
    seeds : tuple of int
    fps : float
        Frames per second of the takes.
    style : str or None
        Content of a .fwstyle file; None for the neutral style.
    steps : int or None
        1, 2 or 4; None for the model's own number.
    device : str
        "auto", "cpu" or "cuda".
    """

    clip: Clip
    seeds: tuple[int, ...] = (0,)
    fps: float = 60.0
    style: str | None = None
    steps: int | None = None
    device: str = "auto"


class Retake(Message, frozen=True, tag=True):
    """Some frames of a take again: a `TakeMade`. The motion is the take.

    Parameters
    ----------
    clip : Clip
    rows : tuple of int
        The first frame that is made again, and the one after the last.
    seed, style, device
        As for `Generate`.
    recipe : str
        Of the take, JSON; "" where it has none.
    """

    clip: Clip
    rows: tuple[int, int]
    seed: int
    style: str | None = None
    recipe: str = ""
    device: str = "auto"


class Replay(Message, frozen=True, tag=True):
    """A take from its recipe, JSON: `Analysed`, then a `TakeMade`."""

    path: str
    recipe: str
    device: str = "auto"


class Learn(Message, frozen=True, tag=True):
    """A style: a `StyleLearned`. From speech with the motion that comes along, or a file of curves; else the voice.

    Parameters
    ----------
    clip : Clip
    name : str
        Of the style.
    curves : str
        Path of a file of curves, or "".
    in_context : bool
        Whether takes are to go on from the end of the motion.
    device : str
        As for `Generate`.
    """

    clip: Clip
    name: str
    curves: str = ""
    in_context: bool = False
    device: str = "auto"


class Describe(Message, frozen=True, tag=True):
    """What a device's model is: `Described`."""

    device: str = "auto"


class Quit(Message, frozen=True, tag=True):
    """End."""


Request = Generate | Retake | Replay | Learn | Describe | Quit


class Ready(Message, frozen=True, tag=True):
    """The worker is there: its protocol, its model, and the provider that the model runs on."""

    protocol: int
    model: str
    version: str
    provider: str
    python: str


class Described(Message, frozen=True, tag=True):
    """As `Ready`, of another device."""

    model: str
    version: str
    provider: str


class Progress(Message, frozen=True, tag=True):
    """The part that is done, in [0, 1], and what is being done."""

    fraction: float
    stage: str


class Analysed(Message, frozen=True, tag=True):
    """What was heard; the motion is `SpeechAnalysis.curves`."""


class TakeMade(Message, frozen=True, tag=True):
    """A take, which is the motion.

    Parameters
    ----------
    seed : int
    provider : str
        "CPU" or "CUDA".
    recipe : str
        JSON; "" where the take has none.
    doubts : tuple of str
        After `Replay`: sentences on why the take may not be exactly what it was.
    """

    seed: int
    provider: str
    recipe: str = ""
    doubts: tuple[str, ...] = ()


class StyleLearned(Message, frozen=True, tag=True):
    """The content of a .fwstyle file, and sentences on it."""

    style: str
    report: tuple[str, ...]


class Captured(Message, frozen=True, tag=True):
    """The face in a video, which is the motion, and sentences on it; from the process that captures."""

    report: tuple[str, ...]


class Failed(Message, frozen=True, tag=True):
    """The name of an error class, and its text."""

    kind: str
    message: str


Reply = Ready | Described | Progress | Analysed | TakeMade | StyleLearned | Captured | Failed


def send(stream: IO[bytes], message: Message, motions: Sequence[Motion] = ()) -> None:
    """Send one message, with motions, and flush. Raises BrokenPipeError when nobody reads any more."""
    write_packet(stream, msgspec.to_builtins(message), motions)


def request_of(message: dict[str, Any]) -> Request:
    """The request that an object read from the pipe is.

    Raises
    ------
    WorkerError
        When it is none of this protocol.
    """
    return _converted(message, Request)


def reply_of(message: dict[str, Any]) -> Reply:
    """The reply that an object read from the pipe is; raises as `request_of`."""
    return _converted(message, Reply)


def _converted(message: dict[str, Any], kinds: Any) -> Any:
    try:
        return msgspec.convert(message, kinds)
    except msgspec.ValidationError as error:
        raise WorkerError(
            f"Expected a message of protocol {PROTOCOL}, got {message.get('type')!r}: {error}. Restart Blender."
        ) from error
