# SPDX-License-Identifier: GPL-3.0-or-later
"""``serve``: bakes one .blend after the other for ``facewright batch``, which sends the takes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bpy

from ...inference.batch.blender_protocol import Baked, BakeTake, Message, Open, Opened, Order
from ...inference.batch.serving import serve
from ...inference.batch.shot import Bake
from ...inference.core.analysis import SpeechAnalysis
from ...inference.core.errors import FacewrightError, RigError, WorkerError
from ...inference.core.motion import Motion
from ...inference.styles.file import from_json
from ...inference.takes.packing import BackgroundPack
from ..bake import bake
from ..bake.mode import Mode, chosen
from ..blender import about, lookup
from ..blender.rna import set_adjustment, settings_of
from ..character import character
from ..preflight import inspection
from ..preflight.case import ERROR
from ..styles import store
from ..ui.takes import generate
from ..ui.takes.generate import Request
from ..worker.jobs import MadeTake
from .bake import chosen_object

_FIELDS = {"values": "slider", "emotions": "emotion", "masks": "mask", "phones": "phone"}


def add(commands: Any) -> None:
    """Add the command; it has no options."""
    commands.add_parser("serve", help="work for `facewright batch`, which starts this by itself")


def run(_options: argparse.Namespace) -> int:
    """Answer orders until there are no more; the result is the exit code."""
    return serve(_Baker().do, about.version())


def main() -> int:
    """The same with the bpy wheel, in which no extension is installed."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    from ... import register

    register()
    return serve(_Baker().do, about.version())


@dataclass(frozen=True, eq=False)
class _Received:
    """A take that was made elsewhere, in the form of those that the worker makes."""

    made: Sequence[MadeTake]
    analysis: SpeechAnalysis
    analysis_text: str | None = None
    notes: tuple[str, ...] = ()


class _Baker:
    """Has a .blend open, and knows what is to be baked into it."""

    def __init__(self) -> None:
        self._request: Request | None = None
        self._bake: Bake | None = None

    def do(self, order: Order, motions: Sequence[Motion]) -> Message:
        """Do one order."""
        if isinstance(order, Open):
            return self._open(order)
        if isinstance(order, BakeTake):
            return self._baked(order, motions)
        raise WorkerError(f"Expected an order for a .blend, got {type(order).__name__}.")

    def _open(self, order: Open) -> Opened:
        _open_file(order.bake.blend)
        scene = bpy.context.scene
        obj = chosen_object(order.bake.character, scene)
        request = generate.prepare(scene, obj, path=order.sound, frame=order.frame, seed=order.seed)
        speech = replace(request.speech, start=request.speech.start + order.start, duration=order.duration)
        self._request, self._bake = replace(request, speech=speech), order.bake
        who = character.find(obj, scene)
        found = inspection.inspect(scene, who, order.sound)
        errors = sum(one.severity == ERROR for one in found)  # which come first
        sentences = tuple(one.text for one in found)
        return Opened(
            style=request.style, seed=request.seed, variation=request.variation, coverage=who.coverage,
            findings=sentences, errors=errors,
        )  # fmt: skip

    def _baked(self, order: BakeTake, motions: Sequence[Motion]) -> Baked:
        request, how = self._request, self._bake
        if request is None or how is None:
            raise WorkerError("Expected a .blend to be opened first, got a take.")
        scene, root = lookup.scene_of(request.scene_uid), lookup.object_of(request.root_uid)
        if scene is None or root is None:
            raise RigError("The character is not in the .blend any more.")
        if order.style is not None:
            store.give(root, from_json(order.style, "the style of the shot"))
        for kind, levels in order.sliders.items():
            for name, level in levels.items() if kind in _FIELDS else ():
                set_adjustment(settings_of(root), f"{_FIELDS[kind]}_{name}", level)
        motion, curves = motions
        made = MadeTake(motion, order.seed, order.provider, order.recipe, (), BackgroundPack(motion))
        generate.finish(request, _Received([made], SpeechAnalysis.from_curves(curves)))
        who = character.find(root, scene)
        report = bake.bake(scene, who, _mode(how, scene))
        _save_copy(order.path)
        self._request = None
        return Baked(coverage=who.coverage, keys=report.keys, warnings=tuple(report.warnings))


def _open_file(path: str) -> None:
    try:
        bpy.ops.wm.open_mainfile(filepath=str(Path(path).absolute()), load_ui=False)
    except RuntimeError as problem:
        reason = str(problem).strip()[:300]
        raise RigError(f"Expected a .blend that Blender can open, got '{path}'. It says: {reason}") from problem


def _save_copy(path: str) -> None:
    try:
        bpy.ops.wm.save_as_mainfile(filepath=path, copy=True, check_existing=False)
    except RuntimeError as problem:
        raise FacewrightError(f"Blender could not save the .blend: {str(problem).strip()[:300]}") from problem


def _mode(how: Bake, scene: bpy.types.Scene) -> Mode:
    """How to bake: as the shot says, and where it is silent, the scene."""
    given: dict[str, Any] = {
        "into": how.into, "keys": how.keys, "interpolation": how.interpolation, "error": how.error,
        "parts": None if how.parts is None else frozenset(how.parts), "span": how.span, "blend": how.fade,
    }  # fmt: skip
    return replace(chosen(scene), **{name: value for name, value in given.items() if value is not None})
