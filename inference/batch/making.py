# SPDX-License-Identifier: GPL-3.0-or-later
"""Making one shot: whatever is asked for is made beside its place, and put there when all of it is whole."""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

import msgspec

from ..adjust.adjustments import Adjustments
from ..audio.decode import load_clip
from ..core.analysis import SpeechAnalysis
from ..core.clip import Clip
from ..core.errors import FacewrightError, WorkerError
from ..core.motion import Motion
from ..core.timing import MOTION_FPS
from ..formats import export
from ..pipeline import stages
from ..policy.predictor import Predictor, load_predictor
from ..styles.style import Style
from ..takes.chosen_style import chosen_style
from ..takes.generate import generate
from ..takes.recipe import Recipe
from . import record
from .inputs import ensure_there, inputs_sha256
from .outcome import FAILED, KEPT, MADE, Figures, Outcome, figures_of, warnings_of
from .shot import CURVES, SCENE, Shot

Check = Callable[[], None]


class Cancelled(Exception):
    """Nobody waits for this shot any more."""


@dataclass(frozen=True)
class Run:
    """One call of ``facewright batch``: what all its shots have in common.

    Parameters
    ----------
    key : str
        A name that no other run has.
    out : str
        The output folder, absolute.
    overwrite : bool
        Whether outputs may take the place of files that no run made.
    device : str
        As of `load_predictor`.
    blender : str
        The Blender that was named; "" for the one that is found.
    """

    key: str
    out: str
    overwrite: bool = False
    device: str = "cpu"
    blender: str = ""


@dataclass(frozen=True, eq=False)
class Take:
    """What was generated for a shot.

    Parameters
    ----------
    motion : Motion
        At the model's rate and without sliders, counted from the beginning of the shot.
    finished : Motion
        With its sliders, at the rate of the shot, counted from the beginning of the file.
    analysis : SpeechAnalysis
    recipe : Recipe
        Of `finished`.
    provider : str
        "CPU", "CUDA" or "WebGPU".
    notes : tuple of str
        What is odd in the sound, as sentences.
    """

    motion: Motion
    finished: Motion
    analysis: SpeechAnalysis
    recipe: Recipe
    provider: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wishes:
    """How a shot is to be spoken, once everybody was asked; None for the model's own."""

    style: Style | None
    seed: int
    variation: float | None


class Studio(Protocol):
    """What makes the outputs that need Blender. `check` is called often; what it raises ends the work."""

    def open(self, shot: Shot, own: Wishes, check: Check) -> Wishes:
        """Open the .blend of a shot; returns its wishes, with what the .blend says where the row is silent."""
        ...

    def make(self, shot: Shot, take: Take, staged: dict[str, Path], check: Check) -> tuple[Figures, tuple[str, ...]]:
        """Write the staged .blend and film; returns the figures that are known of it, and warnings."""
        ...


class Maker:
    """Makes shots, with a model that stays loaded.

    Parameters
    ----------
    run : Run
    studio : Studio
        For films and .blend files.
    """

    def __init__(self, run: Run, studio: Studio) -> None:
        self.run, self.studio = run, studio

    @cached_property
    def predictor(self) -> Predictor:
        """The model, loaded when it is first needed."""
        return load_predictor(device=self.run.device, threads=1)

    def make(self, shot: Shot, check: Check = lambda: None) -> Outcome:
        """Make a shot, or find that it is made.

        Parameters
        ----------
        shot : Shot
        check : callable
            Called often; what it raises ends the work.

        Returns
        -------
        Outcome
            Of a shot that cannot be made it says why.

        Raises
        ------
        Cancelled
            When `check` says so.
        WorkerError
            When Blender died. What else is raised is none of this project's errors.
        """
        begin = time.monotonic()
        try:
            return self._made(shot, check, begin)
        except WorkerError:  # Blender died: that may go well another time
            raise
        except FacewrightError as error:
            seconds = round(time.monotonic() - begin, 3)
            return Outcome(
                row=shot.row, name=shot.name, state=FAILED, seconds=seconds, why=str(error), kind=type(error).__name__
            )

    def _made(self, shot: Shot, check: Check, begin: float) -> Outcome:
        ensure_there(shot)
        out = Path(self.run.out)
        inputs, before = inputs_sha256(shot, self.predictor.card), record.read(out, shot.name)
        if before is not None and record.done(out, before, inputs):
            again = msgspec.structs.replace(before.outcome, row=shot.row)
            if before.run == self.run.key:  # made by a worker that died before it could say so
                return again
            why = "Made before, of the same sound, style and settings."
            return msgspec.structs.replace(again, state=KEPT, seconds=0.0, why=why)
        names = {suffix: shot.name + suffix for suffix in shot.make}
        if not self.run.overwrite:
            record.ensure_ours(out, before, dict.fromkeys(names.values()))
        folder = staging(out, self.run.key) / secrets.token_hex(6)
        staged = self._stage(out, names, folder)
        try:
            figures, warnings = self._write(shot, staged, check)
            files = {name: path for suffix, path in staged.items() for name, path in _with_recipe(names[suffix], path)}
            outcome = Outcome(
                row=shot.row,
                name=shot.name,
                state=MADE,
                seconds=round(time.monotonic() - begin, 3),
                outputs={name: record.sha256(path) or "" for name, path in files.items()},
                warnings=tuple(dict.fromkeys([*warnings_of(figures), *warnings])),
                figures=figures,
            )
            check()
            there = {name: digest for name in files if (digest := record.sha256(out / name))}
            made = record.Record(inputs=inputs, run=self.run.key, outcome=outcome, before=there)
            record.place(out, made, files)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            for path in staged.values():  # a .blend lies elsewhere
                with suppress(OSError):
                    path.unlink()
        return outcome

    def _stage(self, out: Path, names: dict[str, str], folder: Path) -> dict[str, Path]:
        """Where each output is written first. A .blend lies beside its place, so that its relative paths are right."""
        staged = {}
        for suffix, name in names.items():
            goal = out / name
            beside = goal.with_name(f".{goal.stem}-{self.run.key}-{folder.name}{suffix}")
            staged[suffix] = beside if suffix == SCENE else folder / goal.name
            goal.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(parents=True)
        return staged

    def _write(self, shot: Shot, staged: dict[str, Path], check: Check) -> tuple[Figures, tuple[str, ...]]:
        """Generate, and write all outputs."""
        style = None if shot.style is None else chosen_style(shot.style, self.predictor)
        wishes = Wishes(style, shot.seed or 0, shot.variation)
        if shot.blend is not None:
            wishes = self.studio.open(shot, wishes, check)
        take = self._take(shot, wishes, check)
        for suffix in CURVES:
            if suffix in staged:
                export(take.finished, staged[suffix], take.recipe)
        figures = figures_of(take.finished)
        if not shot.needs_blender:
            return figures, take.notes
        baked, warnings = self.studio.make(shot, take, staged, check)
        return msgspec.structs.replace(figures, coverage=baked.coverage, keys=baked.keys), (*take.notes, *warnings)

    def _take(self, shot: Shot, wishes: Wishes, check: Check) -> Take:
        clip = Clip(shot.sound, shot.start, shot.duration, shot.channel, shot.track)
        audio = load_clip(clip)
        sliders = Adjustments.from_json(shot.sliders) if shot.sliders else None
        analyses: list[SpeechAnalysis] = []
        given = {"style": wishes.style, "steps": shot.steps, "variation": wishes.variation, "fps": MOTION_FPS}
        given |= {"analysed": analyses.append, "progress": lambda _part: check()}
        (made,) = generate(clip, audio, [wishes.seed], self.predictor, **given)
        assert made.recipe is not None
        finished = stages.adjusted(made.motion, sliders, analyses[0]).resample(shot.fps)
        recipe = replace(made.recipe, fps=finished.fps, sliders=sliders)
        return Take(made.motion, clip.in_file(finished), analyses[0], recipe, self.predictor.provider, audio.notes)


def staging(out: Path, run: str) -> Path:
    """The folder of what a run has not finished yet."""
    return out / record.FOLDER / f"staging-{run}"


def _with_recipe(name: str, path: Path) -> list[tuple[str, Path]]:
    """An output, and the recipe that lies beside it where its format has no room for one."""
    beside = path.with_suffix(".recipe.json")
    return [(name, path)] + (
        [(str(Path(name).with_suffix(".recipe.json").as_posix()), beside)] if beside.is_file() else []
    )
