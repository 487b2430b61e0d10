# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests that the worker is answering: what has come back so far, and what went wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from ...inference.core import errors
from ...inference.core.analysis import SpeechAnalysis
from ...inference.core.errors import WorkerError
from ...inference.core.motion import Motion
from ...inference.takes.packing import BackgroundPack
from ...inference.worker.protocol import (
    Analysed,
    Failed,
    Generate,
    Message,
    Progress,
    Replay,
    Reply,
    Retake,
    TakeMade,
)
from . import process


class Job:
    """One request to the worker.

    A subclass has `done`, and takes in what it asked for with `take_in`.

    Parameters
    ----------
    request : Message
        Without its number.
    motions : sequence of Motion
        What goes with it.

    Attributes
    ----------
    fraction, stage
        The part that is done, in [0, 1], and what is being done.
    """

    def __init__(self, request: Message, motions: Sequence[Motion] = ()) -> None:
        self.fraction, self.stage = 0.0, "Starting"
        self._worker, self._number = process.running(), process.new_number()
        self._worker.send(msgspec.structs.replace(request, id=self._number), motions)

    @property
    def done(self) -> bool:
        """Whether everything has come back."""
        raise NotImplementedError

    def take_in(self, reply: Reply, motions: Sequence[Motion]) -> None:
        """Take in a reply that is neither progress nor an error."""
        raise NotImplementedError

    def poll(self, wait: float = 0.0) -> bool:
        """Take in what the worker has said; whether everything is there.

        Parameters
        ----------
        wait : float
            Seconds to wait for the first message.

        Raises
        ------
        FacewrightError
            What went wrong in the worker, or a WorkerError when it died, hangs or speaks another protocol.
        """
        while not self.done:
            try:
                answer = self._worker.next_answer(wait)
            except WorkerError:
                process.stop()
                raise
            if answer is None:
                if wait or self._worker.child.packets.empty():
                    return self.done
                continue
            self.handle(*answer)
            wait = 0.0
        return True

    def cancel(self) -> None:
        """End the work at once, by ending the worker; a fresh one is started in its place."""
        process.stop()
        process.warm_up()

    def handle(self, reply: Reply, motions: Sequence[Motion]) -> None:
        """Take in a reply; one to another request is left alone."""
        if reply.id not in (self._number, 0):
            return  # the tail of an earlier request
        if isinstance(reply, Progress):
            self.fraction, self.stage = reply.fraction, reply.stage
        elif isinstance(reply, Failed):
            raise error_of(reply)
        else:
            self.take_in(reply, motions)


def error_of(failed: Failed, otherwise: type[Exception] = WorkerError) -> Exception:
    """The error that a process met, as an error of this one."""
    return getattr(errors, failed.kind, otherwise)(failed.message)


@dataclass(frozen=True, eq=False)
class MadeTake:
    """A take from the worker; second 0 of the motion is the beginning of the clip.

    Parameters
    ----------
    motion : Motion
    seed : int
    provider, recipe : str
        As `TakeMade` has them.
    doubts : tuple of str
    packing : BackgroundPack
        The motion being packed in a thread, so that keeping it does not hold up the window.
    """

    motion: Motion
    seed: int
    provider: str
    recipe: str
    doubts: tuple[str, ...]
    packing: BackgroundPack


class MadeTakes(Protocol):
    """Takes of one sound that are there: what `TakeJob` has in the end."""

    @property
    def made(self) -> Sequence[MadeTake]: ...
    @property
    def analysis(self) -> SpeechAnalysis | None: ...
    @property
    def analysis_text(self) -> str | None: ...
    @property
    def notes(self) -> tuple[str, ...]: ...


class TakeJob(Job):
    """Takes: one for each seed, one again from its recipe, or one with some frames made again.

    Attributes
    ----------
    made : list of MadeTake
        Those that are there.
    analysis : SpeechAnalysis or None
        Phonemes and loudness of the sound, where the worker sent them.
    notes : tuple of str
        What is odd in the sound, as sentences.
    """

    def __init__(self, request: Generate | Retake | Replay, motions: Sequence[Motion] = ()) -> None:
        self.made: list[MadeTake] = []
        self.analysis: SpeechAnalysis | None = None
        self.notes: tuple[str, ...] = ()
        self._wanted = len(request.seeds) if isinstance(request, Generate) else 1
        self._analysis_packing: BackgroundPack | None = None
        super().__init__(request, motions)

    @property
    def done(self) -> bool:
        """Whether all takes are there; `poll` also waits until they are packed."""
        return len(self.made) == self._wanted

    def poll(self, wait: float = 0.0) -> bool:
        """As `Job.poll`, and whether what is there has been packed."""
        if not super().poll(wait):
            return False
        packings = [one.packing for one in self.made] + ([self._analysis_packing] if self._analysis_packing else [])
        return all(one.is_done(wait) for one in packings)

    @property
    def analysis_text(self) -> str | None:
        """The analysis, packed as a text; None where none was sent."""
        return self._analysis_packing.text() if self._analysis_packing else None

    def take_in(self, reply: Reply, motions: Sequence[Motion]) -> None:
        """Keep a take or an analysis."""
        if isinstance(reply, Analysed):
            self.analysis = SpeechAnalysis.from_curves(motions[0])
            self._analysis_packing, self.notes = BackgroundPack(motions[0]), reply.notes
        elif isinstance(reply, TakeMade):
            packing = BackgroundPack(motions[0])
            about = (reply.seed, reply.provider, reply.recipe, reply.doubts)
            self.made.append(MadeTake(motions[0], *about, packing))


class ManyTakes:
    """Many requests for takes, which the worker answers side by side; as a `Job` to those who wait for it.

    Parameters
    ----------
    jobs : sequence of TakeJob
        At least one, each with its request sent.

    Attributes
    ----------
    fraction, stage
        The part of all that is done, in [0, 1], and how many are.
    """

    def __init__(self, jobs: Sequence[TakeJob]) -> None:
        self.jobs = tuple(jobs)
        self._worker = process.running()

    @property
    def fraction(self) -> float:
        """The part that is done, in [0, 1]."""
        return sum(1.0 if job.done else job.fraction for job in self.jobs) / len(self.jobs)

    @property
    def stage(self) -> str:
        """How many are done."""
        return f"{sum(job.done for job in self.jobs)} of {len(self.jobs)} lines"

    def poll(self, wait: float = 0.0) -> bool:
        """Take in what the worker has said; whether everything is there. Raises as `Job.poll`, and ends all then."""
        try:
            while not all(job.done for job in self.jobs):
                answer = self._worker.next_answer(wait)
                if answer is None:
                    return False
                for job in self.jobs:
                    job.handle(*answer)
        except BaseException:
            self.cancel()
            raise
        return all(job.poll(wait) for job in self.jobs)  # until they are packed

    def cancel(self) -> None:
        """End the work at once, by ending the worker; a fresh one is started in its place."""
        self.jobs[0].cancel()


class ReplyJob(Job):
    """A request that one reply answers, as `Learn` and `Describe`.

    Attributes
    ----------
    reply : Reply or None
        When it is there.
    """

    def __init__(self, request: Message, motions: Sequence[Motion] = ()) -> None:
        self.reply: Reply | None = None
        super().__init__(request, motions)

    @property
    def done(self) -> bool:
        """Whether it is there."""
        return self.reply is not None

    def take_in(self, reply: Reply, _motions: Sequence[Motion]) -> None:
        """Keep it."""
        if reply.id == self._number:
            self.reply = reply
