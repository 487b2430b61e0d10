# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference process: ``python -m inference.worker``, run in the package's root folder with Blender's own Python.

It loads the model once, says that it is ready, and answers requests until its input closes, which it does when Blender
ends in whatever way. Cancel is a kill: nothing is on disk that could be left half-written. The language: `messages`.
"""

from __future__ import annotations

import math
import os
import platform
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..audio.decode import load_audio
from ..core.analysis import heard
from ..core.errors import FacewrightError, WorkerError
from ..core.motion import Motion
from ..core.timing import checked_seed
from ..formats import read_curves
from ..pipeline.animate import finished
from ..policy.predictor import Predictor, load_predictor
from ..style_learning.context import learn_in_context
from ..style_learning.learn import learn, learn_voice
from ..styles.file import from_json as style_from_json
from ..styles.file import to_json
from ..takes.recipe import Punched, Recipe, Sound, audio_sha256, from_json, generated
from ..takes.replay import doubts, ensure_same, replay
from ..takes.retake import punched
from .protocol import PROTOCOL, read_message, write_message

_READING = 0.1  # the share of the progress bar that decoding gets
_PAUSE = 0.05  # seconds between progress messages


def main() -> int:
    """Serve standard input and output until input closes; the exit status is 0, or 1 when no model could be loaded."""
    requests, replies = _own_the_pipes()
    if hasattr(os, "nice"):
        os.nice(5)  # the window in front of the artist comes first
    worker = _Worker(replies)
    try:
        return worker.serve(requests)
    except (BrokenPipeError, KeyboardInterrupt):
        return 0  # Blender is gone


def _own_the_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Streams of messages; whatever libraries print from here on goes to standard error and cannot mix with them."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


@dataclass
class _Worker:
    replies: BinaryIO
    predictors: dict[str, Predictor] = field(default_factory=dict)  # by device, loaded once

    def serve(self, requests: BinaryIO) -> int:
        try:
            write_message(self.replies, {"event": "ready", **self.about("auto")})
        except FacewrightError as error:
            self.refuse(None, error)
            return 1
        while (message := read_message(requests)) is not None:
            request, payload = message
            if request.get("do") == "quit":
                break
            self.answer(request, payload)
        return 0

    def answer(self, request: dict[str, Any], payload: bytes) -> None:
        key = request.get("id")
        try:
            if request.get("do") == "animate":
                self.animate(key, request, payload)
            elif request.get("do") == "punch":
                self.punch(key, request, payload)
            elif request.get("do") == "replay":
                self.replay(key, request)
            elif request.get("do") == "style":
                self.style(key, request)
            elif request.get("do") == "learn":
                self.learn(key, request, payload)
            elif request.get("do") == "info":
                write_message(self.replies, {"id": key, "event": "info", **self.about(request.get("device", "auto"))})
            else:
                raise WorkerError(
                    "Expected a request to animate, punch, replay, style, learn, info or quit, "
                    f"got {request.get('do')!r}."
                )
        except FacewrightError as error:
            self.refuse(key, error)
        except MemoryError:
            self.refuse(key, WorkerError("There is not enough memory for this sound. Animate a shorter part of it."))
        except BrokenPipeError:
            raise
        except Exception as error:  # a worker that stays alive can still serve the next request
            traceback.print_exc()
            reason = f"{type(error).__name__}: {error}"
            self.refuse(key, WorkerError(f"Something unforeseen went wrong ({reason}). Please report it."))

    def animate(self, key: Any, request: dict[str, Any], payload: bytes) -> None:
        start = float(request.get("start", 0.0))
        device = request.get("device", "auto")
        report = _Progress(self.replies, key)
        report(0.0, "Reading the sound")
        audio = load_audio(request["path"], start=start, duration=request.get("duration"))
        report(_READING, "Listening")
        style = style_from_json(request["style"]) if request.get("style") else None
        seed, pins = checked_seed(int(request.get("seed", 0))), _pins(request.get("pins"), payload, start)
        plain, phones = self.predictor(device).hear(
            audio,
            style=style,
            seed=seed,
            steps=request.get("steps"),
            pins=pins,
            progress=lambda part: report(_READING + (1 - _READING) * part, "Animating"),
        )
        if request.get("heard"):
            self.tell(key, "heard", heard(phones, audio.samples))
        digest = "" if pins else audio_sha256(audio)
        del audio  # half an hour of it is 115 MB, and nothing below hears it
        motion = finished(plain, phones, style=style, seed=seed, fps=float(request.get("fps", 60.0)), pins=pins)
        del plain, phones
        motion = replace(motion, start=motion.start + start)
        provider, recipe = self.predictor(device).provider, {}
        if not pins:  # whose values are nowhere but in the request
            sound = Sound(Path(request["path"]).name, digest, start, request.get("duration"))
            how = generated(self.predictor(device).card, provider, seed, request.get("steps"), style)
            recipe = {"recipe": Recipe(sound, how, motion.fps).to_json()}
        self.tell(key, "motion", motion, provider=provider, **recipe)

    def tell(self, key: Any, event: str, motion: Motion, **more: Any) -> None:
        """Send curves, under the name of an event, and what is to be said of them."""
        header = {"id": key, "event": event, "shape": motion.values.shape, "channels": motion.channels}
        write_message(self.replies, header | {"fps": motion.fps, "start": motion.start} | more, motion.values.data)

    def punch(self, key: Any, request: dict[str, Any], payload: bytes) -> None:
        start, (first, last) = float(request.get("start", 0.0)), request["rows"]
        report = _Progress(self.replies, key)
        report(0.0, "Reading the sound")
        audio = load_audio(request["path"], start=start, duration=request.get("duration"))
        recipe = from_json(request["recipe"]) if request.get("recipe") else None
        predictor = self.predictor(request.get("device", "auto"))
        if recipe is not None:
            ensure_same(recipe, audio, predictor.card)
        style = style_from_json(request["style"]) if request.get("style") else None
        pins = _pins([request["motion"]], payload, 0.0)
        assert pins is not None
        motion = punched(
            pins[0],
            audio,
            slice(first, last),
            seed=int(request.get("seed", 0)),
            style=style,
            predictor=predictor,
            progress=lambda part: report(_READING + (1 - _READING) * part, "Animating"),
        )
        said = {"provider": predictor.provider}
        if recipe is not None:
            new = generated(predictor.card, predictor.provider, int(request.get("seed", 0)), None, style)
            said["recipe"] = replace(recipe, how=Punched(recipe.how, new, first, last)).to_json()
        self.tell(key, "motion", replace(motion, start=motion.start + start), **said)

    def replay(self, key: Any, request: dict[str, Any]) -> None:
        recipe = from_json(request["recipe"])
        report = _Progress(self.replies, key)
        report(0.0, "Reading the sound")
        audio = load_audio(request["path"], start=recipe.sound.start, duration=recipe.sound.duration)
        predictor = self.predictor(request.get("device", "auto"))
        motion = replay(
            recipe,
            audio,
            predictor=predictor,
            progress=lambda part: report(_READING + (1 - _READING) * part, "Animating"),
        )
        if request.get("heard"):
            self.tell(key, "heard", heard(predictor.hear(audio, steps=1)[1], audio.samples))
        said = {"recipe": request["recipe"], "doubts": doubts(recipe, predictor.provider)}
        motion = replace(motion, start=motion.start + recipe.sound.start)
        self.tell(key, "motion", motion, provider=predictor.provider, **said)

    def style(self, key: Any, request: dict[str, Any]) -> None:
        audio = load_audio(request["path"], start=float(request.get("start", 0.0)), duration=request.get("duration"))
        style = self.predictor(request.get("device", "auto")).style_of(audio, request.get("name", "voice"))
        write_message(self.replies, {"id": key, "event": "style", "name": style.name, "slots": style.slots.tolist()})

    def learn(self, key: Any, request: dict[str, Any], payload: bytes) -> None:
        start = float(request.get("start", 0.0))
        report = _Progress(self.replies, key)
        report(0.0, "Reading the sound")
        audio = load_audio(request["path"], start=start, duration=request.get("duration"))
        given = {"name": request.get("name", "learned"), "predictor": self.predictor(request.get("device", "auto"))}
        report(_READING, "Learning")
        pins = _pins([request["motion"]], payload, start) if request.get("motion") else None
        motion = pins[0] if pins else read_curves(request["curves"]) if request.get("curves") else None
        if motion is None:
            learned = learn_voice(audio, **given)
        else:
            given["progress"] = lambda part: report(_READING + (1 - _READING) * part, "Learning")
            learned = (learn_in_context if request.get("in_context") else learn)(audio, motion, **given)
        write_message(
            self.replies,
            {"id": key, "event": "style", "style": to_json(learned.style), "report": list(learned.report)},
        )

    def predictor(self, device: str) -> Predictor:
        if device not in self.predictors:
            self.predictors[device] = load_predictor(device=device)
        return self.predictors[device]

    def about(self, device: str) -> dict[str, Any]:
        predictor = self.predictor(device)
        return {
            "protocol": PROTOCOL,
            "model": predictor.card.name,
            "version": predictor.card.version,
            "provider": predictor.provider,
            "python": platform.python_version(),
        }

    def refuse(self, key: Any, error: FacewrightError) -> None:
        write_message(self.replies, {"id": key, "event": "error", "kind": type(error).__name__, "message": str(error)})


def _pins(headers: Sequence[dict[str, Any]] | None, payload: bytes, start: float) -> list[Motion] | None:
    """The pins of a request, their time counted from `start` seconds of the file as the sound's is."""
    if not headers:
        return None
    pins, begin = [], 0
    for header in headers:
        count = math.prod(header["shape"])
        values = np.frombuffer(payload, np.float32, count, 4 * begin).reshape(header["shape"])
        pins.append(Motion(values, tuple(header["channels"]), float(header["fps"]), float(header["start"]) - start))
        begin += count
    return pins


@dataclass
class _Progress:
    """Progress messages of one request, at most twenty a second; they also find out that Blender is gone."""

    replies: BinaryIO
    key: Any
    last: tuple[str, float] = ("", 0.0)  # stage, time

    def __call__(self, fraction: float, stage: str) -> None:
        now = time.monotonic()
        if stage != self.last[0] or now - self.last[1] >= _PAUSE:
            self.last = (stage, now)
            write_message(self.replies, {"id": self.key, "event": "progress", "fraction": fraction, "stage": stage})
