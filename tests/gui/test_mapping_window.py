# SPDX-License-Identifier: GPL-3.0-or-later
"""The mapping table worked with the mouse: a line shows at full strength exactly as long as the button is held."""

import pytest
from support.gui import PICTURES, find, property_under_mouse
from support.window import SIZE

STATE = (
    "jaw = bpy.data.objects['Head Skin'].data.shape_keys.key_blocks['jawOpen']\n"
    "answer = [bpy.context.window_manager.facewright_hold, jaw.value]"
)


@pytest.fixture
def table(head):
    """The table of the built-in head, its panel open, the line of the jaw active."""
    head.ask(
        "with bpy.context.temp_override(**view()): bpy.ops.facewright.mapping_match()\n"
        "settings = bpy.data.objects['Facewright Head'].facewright\n"
        "settings.mapping_index = [line.target for line in settings.mapping].index('jawOpen')\n"
        "with bpy.context.temp_override(**view()): bpy.ops.ed.undo_push(message='matched')"
    )
    head.show_tab("Facewright")
    x, y, _, height = head.ask("r = view('UI')['region']; answer = [r.x, r.y, r.width, r.height]")
    head.click((x + 60, SIZE[1] - (y + height) + 120))  # the header of Mapping, below the three lines of Character
    return head


def test_a_line_shows_at_one_as_long_as_the_button_is_held(table):
    place = find(table, lambda width: width // 2, lambda: property_under_mouse(table), "facewright_hold")
    for _ in range(2):
        table.screen.run("xdotool", "mousemove", place[0] + 2, place[1], "sleep", "0.5", "mousedown", "1")
        table.wait("bpy.context.window_manager.facewright_hold")
        assert table.ask(STATE) == [True, 1.0]
        table.picture(PICTURES / table.command / "held.png")
        table.screen.run("xdotool", "mouseup", "1")
        table.wait("not bpy.context.window_manager.facewright_hold")
        assert table.ask(STATE) == [False, 0.0]
        table.screen.run("xdotool", "mousemove", *place)
    before = table.ask("answer = len(bpy.data.objects['Facewright Head'].facewright.mapping)")
    table.click(find(table, lambda width: width - 57, table.command_under_mouse, "facewright.mapping_remove"))
    table.wait(f"len(bpy.data.objects['Facewright Head'].facewright.mapping) == {before - 1}")
    table.point_at_view()
    table.press("ctrl+z")
    table.wait(f"len(bpy.data.objects['Facewright Head'].facewright.mapping) == {before}")
