# SPDX-License-Identifier: GPL-3.0-or-later
"""The sidebar tab: seeing it starts no process; a timer that runs once afterwards does."""

import bpy
import pytest

from facewright.addon.ui import main_panel
from facewright.addon.worker import process


@pytest.fixture
def unseen(addon, monkeypatch):
    """The tab was not seen yet, and no worker runs; afterwards neither worker nor timer is left."""
    process.stop()
    monkeypatch.setattr(main_panel, "warmed_up", False)
    yield
    if is_scheduled():
        bpy.app.timers.unregister(main_panel.warm_up)
    process.stop()


def is_scheduled():
    return bpy.app.timers.is_registered(main_panel.warm_up)


def test_being_seen_only_schedules_the_warm_up(unseen):
    assert not is_scheduled()
    main_panel.schedule_warm_up()
    main_panel.schedule_warm_up()
    assert is_scheduled() and not process.is_running()


def test_the_warm_up_runs_once_however_often_the_tab_is_seen(unseen):
    main_panel.schedule_warm_up()
    bpy.app.timers.unregister(main_panel.warm_up)
    assert main_panel.warm_up() is None  # or Blender would call it again
    main_panel.schedule_warm_up()
    assert not is_scheduled()
    assert process.running().child.alive


def test_a_warm_up_that_another_file_took_away_is_scheduled_again(unseen):
    main_panel.schedule_warm_up()
    bpy.app.timers.unregister(main_panel.warm_up)  # as Blender does with timers when it opens a file
    main_panel.schedule_warm_up()
    assert is_scheduled()


def test_disabling_before_the_timer_has_run_takes_it_away(unseen):
    main_panel.schedule_warm_up()
    main_panel.unregister()
    try:
        assert not is_scheduled()
    finally:
        main_panel.register()
