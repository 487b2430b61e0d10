# SPDX-License-Identifier: GPL-3.0-or-later
"""Films and .blend files, made in Blenders that stay alive between shots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..core.errors import RigError, WorkerError
from ..styles.file import from_json, to_json
from ..styles.style import NEUTRAL
from .blender_host import BlenderHost, film_command, scene_command
from .blender_protocol import Baked, BakeTake, Filmed, MakeFilm, Open, Opened
from .making import Take, Wishes
from .outcome import Figures
from .shot import FILM, SCENE, Shot

Check = Callable[[], None]
T = TypeVar("T")


class BlenderStudio:
    """Makes what needs Blender, for one worker.

    Parameters
    ----------
    blender : str
        The Blender that was named, "" for the one that is found.
    """

    def __init__(self, blender: str) -> None:
        self._scenes = BlenderHost(lambda: scene_command(blender))
        self._films = BlenderHost(film_command)
        self._opened: Opened | None = None

    def close(self) -> None:
        """End both."""
        self._scenes.close()
        self._films.close()

    def open(self, shot: Shot, own: Wishes, check: Check) -> Wishes:
        """Open the .blend of a shot; returns its wishes, with what the .blend says where the row is silent."""
        assert shot.bake is not None
        order = Open(
            bake=shot.bake, sound=_absolute(shot.sound), start=shot.start, duration=shot.duration, frame=shot.frame,
            seed=shot.seed,
        )  # fmt: skip
        opened = _as(Opened, self._scenes.ask(order, check=check))
        if opened.errors:
            raise RigError(" ".join(opened.findings[: opened.errors]))
        self._opened = opened
        style = own.style
        if shot.style is None and opened.style is not None:
            style = from_json(opened.style, f"the style in '{Path(shot.bake.blend).name}'")
        variation = opened.variation if own.variation is None else own.variation
        return Wishes(style, opened.seed, variation)

    def make(self, shot: Shot, take: Take, staged: dict[str, Path], check: Check) -> tuple[Figures, tuple[str, ...]]:
        """Write the staged .blend and film; returns the figures that are known of it, and warnings."""
        figures, warnings = Figures(), ()
        if SCENE in staged:
            figures, warnings = self._bake(shot, take, staged[SCENE], check)
        if FILM in staged:
            order = MakeFilm(sound=_absolute(shot.sound), path=str(staged[FILM]))
            _as(Filmed, self._films.ask(order, [take.finished], check=check))
        return figures, warnings

    def _bake(self, shot: Shot, take: Take, path: Path, check: Check) -> tuple[Figures, tuple[str, ...]]:
        (made,) = take.recipe.generated()
        table = made.table if shot.style is not None else None
        order = BakeTake(
            path=str(path),
            seed=made.seed,
            recipe=replace(take.recipe, fps=take.motion.fps, sliders=None).to_json(),
            provider=take.provider,
            style=None if table is None else to_json(made.style or NEUTRAL),
            sliders=shot.sliders,
        )
        baked = _as(Baked, self._scenes.ask(order, [take.motion, take.analysis.curves()], check=check))
        opened = self._opened
        found = () if opened is None else opened.findings
        return Figures(coverage=baked.coverage, keys=baked.keys), (*baked.warnings, *found)


def _absolute(path: str) -> str:
    return str(Path(path).absolute())


def _as(kind: type[T], answer: object) -> T:
    """The answer, which has to be of a kind."""
    if not isinstance(answer, kind):
        raise WorkerError(f"Expected {kind.__name__} of Blender, got {type(answer).__name__}. Run the list again.")
    return answer
