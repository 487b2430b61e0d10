# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar tab: drawing it starts no process; a timer that runs once afterwards does."""

from types import SimpleNamespace
from unittest.mock import MagicMock

import bpy
import pytest

from facewright.addon.ui import main_panel
from facewright.addon.worker import process


@pytest.fixture
def started(monkeypatch):
    """The warm-ups that were asked for, none of which starts a process; the panel has not been seen yet."""
    calls = []
    monkeypatch.setattr(process, "warm_up", lambda: calls.append("warm-up"))
    monkeypatch.setattr(main_panel, "warmed_up", False)
    yield calls
    if is_scheduled():
        bpy.app.timers.unregister(main_panel.warm_up)


def draw():
    main_panel.FACEWRIGHT_PT_generate.draw(SimpleNamespace(layout=MagicMock()), bpy.context)


def is_scheduled():
    return bpy.app.timers.is_registered(main_panel.warm_up)


def test_drawing_only_schedules_the_warm_up(face, started):
    assert not is_scheduled()
    draw()
    draw()
    assert is_scheduled()
    assert started == []


def test_the_warm_up_runs_once_however_often_the_panel_is_drawn(face, started):
    draw()
    bpy.app.timers.unregister(main_panel.warm_up)
    assert main_panel.warm_up() is None  # or Blender would call it again
    draw()
    assert started == ["warm-up"]
    assert not is_scheduled()


def test_a_warm_up_that_another_file_took_away_is_scheduled_again(face, started):
    draw()
    bpy.app.timers.unregister(main_panel.warm_up)  # as Blender does with timers when it opens a file
    draw()
    assert is_scheduled()


def test_disabling_before_the_timer_has_run_takes_it_away(face, started):
    draw()
    main_panel.unregister()
    try:
        assert not is_scheduled()
    finally:
        main_panel.register()
