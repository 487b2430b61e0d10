# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference process: ``python -m inference.worker``, run in the package's root folder with Blender's own Python.

It loads the model once, sends `Ready`, and answers requests until its input closes, which it does when Blender
ends in whatever way. Cancel kills the process, which writes nothing to disk that could be left half-written.
"""

from __future__ import annotations

import os
import platform
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, BinaryIO

from ..audio.decode import load_clip
from ..core.analysis import SpeechAnalysis
from ..core.errors import FacewrightError, WorkerError
from ..core.motion import Motion
from ..formats import read_curves
from ..policy.predictor import Predictor, load_predictor
from ..style_learning.context import learn_in_context
from ..style_learning.learn import learn, learn_voice
from ..styles.file import from_json as style_from_json
from ..styles.file import to_json as style_to_json
from ..styles.style import Style
from ..takes.generate import NewTake, generate
from ..takes.recipe import from_json
from ..takes.replay import ensure_same_sound, replayed
from ..takes.retake import retake
from .framing import read_packet
from .protocol import (
    PROTOCOL,
    Analysed,
    Describe,
    Described,
    Failed,
    Generate,
    Learn,
    Message,
    Progress,
    Quit,
    Ready,
    Replay,
    Request,
    Retake,
    StyleLearned,
    TakeMade,
    request_of,
    send,
)

_READING = 0.1  # the share of the progress bar that decoding gets
_PAUSE = 0.05  # seconds between progress messages


def main() -> int:
    """Answer requests on standard input until it closes; the exit status is 0, or 1 when no model could be loaded."""
    requests, replies = _take_over_stdio()
    if hasattr(os, "nice"):
        os.nice(5)  # the window in front of the artist comes first
    worker = _Worker(replies)
    try:
        return worker.serve(requests)
    except (BrokenPipeError, KeyboardInterrupt):
        return 0  # Blender is gone


def _take_over_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Streams for requests and replies; what libraries print to standard output from here on goes to standard error."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, replies


@dataclass
class _Worker:
    """Answers requests with models that stay loaded: those for takes side by side, for one keeps one core busy."""

    replies: BinaryIO
    predictors: dict[str, Predictor] = field(default_factory=dict)  # by device, loaded once
    loading: Lock = field(default_factory=Lock)
    sending: Lock = field(default_factory=Lock)  # a message and its motions stay together

    def serve(self, requests: BinaryIO) -> int:
        """Answer requests until input closes; the exit status, as of `main`."""
        try:
            predictor = self.predictor("auto")
        except FacewrightError as error:
            self.send_error(0, error)
            return 1
        runs = {"provider": predictor.provider, "doubt": predictor.doubt, "python": platform.python_version()}
        self.send(Ready(protocol=PROTOCOL, model=predictor.card.name, version=predictor.card.version, **runs))
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            running: list[Future[None]] = []
            while (packet := read_packet(requests)) is not None:
                message, motions = packet
                try:
                    request = request_of(message)
                except WorkerError as error:
                    self.send_error(message.get("id", 0), error)
                    continue
                if isinstance(request, Quit):
                    break
                if isinstance(request, Generate):
                    running = [one for one in running if not one.done()]
                    running.append(pool.submit(self.answer, request, motions))
                    continue
                wait(running)
                self.answer(request, motions)
        return 0

    def answer(self, request: Request, motions: Sequence[Motion]) -> None:
        """Answer one request; an error becomes a `Failed`."""
        try:
            match request:
                case Generate():
                    self.generate(request, motions)
                case Retake():
                    self.retake(request, motions[0])
                case Replay():
                    self.replay(request)
                case Learn():
                    self.learn(request, motions)
                case Describe():
                    self.describe(request)
        except FacewrightError as error:
            self.send_error(request.id, error)
        except MemoryError:
            text = "There is not enough memory for this sound. Animate a shorter part of it."
            self.send_error(request.id, WorkerError(text))
        except BrokenPipeError:
            raise
        except Exception as error:  # a worker that stays alive can still serve the next request
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error}"
            text = f"Something unforeseen went wrong ({reason}). Please report it."
            self.send_error(request.id, WorkerError(text))

    def generate(self, request: Generate, pins: Sequence[Motion]) -> None:
        """Make takes of a clip, and send each when it is made."""
        report = _Reporter(self.send, request.id)
        report(0.0, "Reading the sound")
        predictor = self.predictor(request.device)
        audio = load_clip(request.clip)
        takes = generate(
            request.clip,
            audio,
            request.seeds,
            predictor,
            style=_style(request.style),
            steps=request.steps,
            variation=request.variation,
            fps=request.fps,
            pins=list(pins) or None,
            analysed=lambda analysis: self.send_analysis(request.id, analysis, audio.notes),
            progress=report.animating(len(request.seeds)),
        )
        for take in takes:
            self.send_take(request.id, take, predictor)

    def retake(self, request: Retake, base: Motion) -> None:
        """Make some frames of a take again."""
        report = _Reporter(self.send, request.id)
        report(0.0, "Reading the sound")
        audio, predictor = load_clip(request.clip), self.predictor(request.device)
        recipe = from_json(request.recipe) if request.recipe else None
        if recipe is not None:
            ensure_same_sound(recipe, audio)  # of another model it goes on with this one, and the recipe names both
        rows, style = slice(*request.rows), _style(request.style)
        given = {"seed": request.seed, "parts": request.parts, "variation": request.variation, "style": style}
        given["progress"] = report.animating()
        take = retake(base, recipe, audio, rows, predictor, **given)
        self.send_take(request.id, take, predictor)

    def replay(self, request: Replay) -> None:
        """Make a take from its recipe."""
        recipe = from_json(request.recipe)
        report = _Reporter(self.send, request.id)
        report(0.0, "Reading the sound")
        audio = load_clip(recipe.sound.clip(request.path))
        predictor = self.predictor(request.device)
        result = replayed(recipe, audio, predictor=predictor, progress=report.animating())
        self.send_analysis(request.id, result.analysis)
        seed = next(recipe.generated()).seed
        self.send_take(request.id, NewTake(result.motion, seed, recipe), predictor, result.doubts)

    def learn(self, request: Learn, motions: Sequence[Motion]) -> None:
        """Learn a style from speech with motion, or from a voice."""
        report = _Reporter(self.send, request.id)
        report(0.0, "Reading the sound")
        audio, predictor = load_clip(request.clip), self.predictor(request.device)
        report(_READING, "Learning")
        motion = motions[0] if motions else None
        if motion is None and request.curves:
            motion = read_curves(request.curves)
        if motion is None:
            learned = learn_voice(audio, name=request.name, predictor=predictor)
        else:
            learning = learn_in_context if request.in_context else learn
            progress = report.animating(stage="Learning")
            learned = learning(audio, motion, name=request.name, predictor=predictor, progress=progress)
        text = style_to_json(learned.style)
        self.send(StyleLearned(id=request.id, style=text, report=tuple(learned.report)))

    def describe(self, request: Describe) -> None:
        """Send which model runs on a device."""
        predictor = self.predictor(request.device)
        card = predictor.card
        provider = predictor.provider
        self.send(Described(id=request.id, model=card.name, version=card.version, provider=provider))

    def predictor(self, device: str) -> Predictor:
        """The model on a device, loaded when it is first asked for."""
        with self.loading:
            if device not in self.predictors:
                self.predictors[device] = load_predictor(device=device)
            return self.predictors[device]

    def send(self, message: Message, motions: Sequence[Motion] = ()) -> None:
        """Send a message in one piece, whoever else is sending."""
        with self.sending:
            send(self.replies, message, motions)

    def send_take(self, number: int, take: NewTake, predictor: Predictor, doubts: tuple[str, ...] = ()) -> None:
        """Send a take with its recipe, and any doubts about a replay."""
        recipe = take.recipe.to_json() if take.recipe else ""
        message = TakeMade(id=number, seed=take.seed, provider=predictor.provider, recipe=recipe, doubts=doubts)
        self.send(message, [take.motion])

    def send_analysis(self, number: int, analysis: SpeechAnalysis, notes: tuple[str, ...] = ()) -> None:
        """Send the analysis of a sound."""
        self.send(Analysed(id=number, notes=notes), [analysis.curves()])

    def send_error(self, number: Any, error: FacewrightError) -> None:
        """Send an error as the failure of a request."""
        number = number if isinstance(number, int) else 0
        self.send(Failed(id=number, kind=type(error).__name__, message=str(error)))


def _style(text: str | None) -> Style | None:
    return style_from_json(text) if text else None


@dataclass
class _Reporter:
    """Sends progress of one request, at most twenty times a second; that also shows when Blender is gone."""

    send: Callable[[Message], None]
    number: int
    last: tuple[str, float] = ("", 0.0)  # stage, time

    def __call__(self, fraction: float, stage: str) -> None:
        now = time.monotonic()
        if stage != self.last[0] or now - self.last[1] >= _PAUSE:
            self.last = (stage, now)
            self.send(Progress(id=self.number, fraction=fraction, stage=stage))

    def animating(self, takes: int = 1, stage: str = "") -> Callable[[float], None]:
        """A callback for the model's work: takes the fraction done, and sends it as progress of the whole request."""
        stage = stage or ("Animating" if takes == 1 else f"Animating {takes} takes")
        return lambda part: self(_READING + (1 - _READING) * part, stage)
