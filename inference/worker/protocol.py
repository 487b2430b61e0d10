# SPDX-License-Identifier: GPL-3.0-or-later
"""The messages between the add-on and its worker: one class for each, whose name is the tag on the pipe.

The worker first sends `Ready` (or `Failed`, when no model can be loaded). Then each request is answered by any
number of `Progress` and by the replies that its docstring names, or by `Failed`. Seconds count from the beginning of
the clip everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

import msgspec

from ..core.clip import Clip
from ..core.errors import WorkerError
from ..core.motion import Motion
from .framing import write_packet

PROTOCOL = 5


class Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True, forbid_unknown_fields=True):
    """One message.

    Parameters
    ----------
    id : int
        Number of the request, and of every reply to it; 0 for messages that answer no request.
    """

    id: int = 0


class Generate(Message, frozen=True, tag=True):
    """Make takes of a clip: answered by `Analysed`, then a `TakeMade` for each seed. Motions sent along are pins.

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
    variation : float or None
        How much jaw and lips of takes differ, in [0, 1]; None for the model's own.
    device : str
        As of `load_predictor`.
    """

    clip: Clip
    seeds: tuple[int, ...] = (0,)
    fps: float = 60.0
    style: str | None = None
    steps: int | None = None
    variation: float | None = None
    device: str = "auto"


class Retake(Message, frozen=True, tag=True):
    """Make some frames of a take again: answered by a `TakeMade`. The motion sent along is the take.

    Parameters
    ----------
    clip : Clip
    rows : tuple of int
        The first frame that is made again, and the one after the last.
    seed, style, variation, device
        As for `Generate`.
    recipe : str
        The take's recipe, JSON; "" where it has none.
    parts : tuple of str
        The parts of the face that are made again; all when empty.
    """

    clip: Clip
    rows: tuple[int, int]
    seed: int
    style: str | None = None
    variation: float | None = None
    recipe: str = ""
    device: str = "auto"
    parts: tuple[str, ...] = ()


class Replay(Message, frozen=True, tag=True):
    """Make a take from its recipe, JSON: answered by `Analysed`, then a `TakeMade`. `path` is its sound file."""

    path: str
    recipe: str
    device: str = "auto"


class Learn(Message, frozen=True, tag=True):
    """Learn a style: answered by `StyleLearned`.

    It is learned from the speech with the motion sent along or a file of curves, else from the voice alone.

    Parameters
    ----------
    clip : Clip
    name : str
        Name of the new style.
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
    """Ask which model runs on a device, and where: answered by `Described`."""

    device: str = "auto"


class Quit(Message, frozen=True, tag=True):
    """End the worker."""


Request = Generate | Retake | Replay | Learn | Describe | Quit


class Ready(Message, frozen=True, tag=True):
    """The worker has started.

    Parameters
    ----------
    protocol : int
    model, version : str
    provider : str
        What the model runs on: "CPU", "CUDA" or "WebGPU".
    python : str
        Version of its Python.
    doubt : str
        As `Predictor.doubt`.
    """

    protocol: int
    model: str
    version: str
    provider: str
    python: str
    doubt: str


class Described(Message, frozen=True, tag=True):
    """The model as `Ready` has it, on the device that was asked about."""

    model: str
    version: str
    provider: str


class Progress(Message, frozen=True, tag=True):
    """The fraction of the request that is done, in [0, 1], and a name for what is being done."""

    fraction: float
    stage: str


class Analysed(Message, frozen=True, tag=True):
    """The analysis of the sound; the motion is `SpeechAnalysis.curves`. `notes` are those of `Audio`."""

    notes: tuple[str, ...] = ()


class TakeMade(Message, frozen=True, tag=True):
    """A take, which is the motion.

    Parameters
    ----------
    seed : int
    provider : str
        "CPU", "CUDA" or "WebGPU".
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
    """The style as the content of a .fwstyle file, and sentences on how it was learned."""

    style: str
    report: tuple[str, ...]


class Captured(Message, frozen=True, tag=True):
    """The captured face, which is the motion, and sentences on it; sent by the process that captures from video."""

    report: tuple[str, ...]


class Failed(Message, frozen=True, tag=True):
    """A request failed: the name of the error's class, and its text."""

    kind: str
    message: str


Reply = Ready | Described | Progress | Analysed | TakeMade | StyleLearned | Captured | Failed


def send(stream: IO[bytes], message: Message, motions: Sequence[Motion] = ()) -> None:
    """Send one message, with motions, and flush. Raises BrokenPipeError when nobody reads any more."""
    write_packet(stream, msgspec.to_builtins(message), motions)


def request_of(message: dict[str, Any]) -> Request:
    """An object read from the pipe, as a request.

    Raises
    ------
    WorkerError
        When it is no request of this protocol.
    """
    return _converted(message, Request)


def reply_of(message: dict[str, Any]) -> Reply:
    """An object read from the pipe, as a reply; raises as `request_of`."""
    return _converted(message, Reply)


def _converted(message: dict[str, Any], kinds: Any) -> Any:
    try:
        return msgspec.convert(message, kinds)
    except msgspec.ValidationError as error:
        raise WorkerError(
            f"Expected a message of protocol {PROTOCOL}, got {message.get('type')!r}: {error}. Restart Blender."
        ) from error
