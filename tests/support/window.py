# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Blender window on a screen of its own, worked with mouse and keyboard."""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

SIZE = (1280, 1000)  # drawn by the processor, so not large; the whole tab fits in
REMOTE = Path(__file__).with_name("remote.py")


class Screen:
    """A virtual screen (Xvfb)."""

    def __init__(self):
        read, write = os.pipe()
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "{}x{}x24".format(*SIZE), "-nolisten", "tcp"]
        self.process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
        os.close(write)
        with os.fdopen(read) as answer:
            self.display = f":{answer.readline().strip()}"

    def run(self, *command):
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(
            [str(part) for part in command], env=environment, check=True, capture_output=True, text=True
        )

    def close(self):
        self.process.terminate()
        self.process.wait(10)


class Window:
    """One Blender, its window filling a screen.

    Parameters
    ----------
    command : str
        The Blender to start, as "blender-5.2".
    folder : Path
        An empty folder that Blender can see: its home and the questions and answers lie there.
    """

    def __init__(self, command, folder):
        self.command, self.folder = command, folder
        self.home = folder / "home"
        self.home.mkdir()
        self.screen = self.process = None

    def environment(self):
        return {**os.environ, "HOME_IN_BLENDER": str(self.home), "DISPLAY": self.screen.display if self.screen else ""}

    def run(self, *arguments):
        """Run this Blender without a window, in the same home; returns what it printed."""
        command = [self.command, *map(str, arguments)]
        environment = self.environment()
        run = subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout + run.stderr

    def install(self, extension_zip):
        """Install and enable a zip through Blender's command line."""
        visible = shutil.copy(extension_zip, self.folder)
        self.run("--command", "extension", "install-file", "--repo", "user_default", "--enable", visible)

    def open(self):
        self.screen = Screen()
        script = shutil.copy(REMOTE, self.folder)
        geometry = ["--window-geometry", "0", "0", *map(str, SIZE)]
        command = [self.command, *geometry, "--python-use-system-env", "--python", script, "--", str(self.folder)]
        self.log = (self.folder / "blender.log").open("w")
        environment = {**self.environment(), "PYTHONPATH": str(self.folder)}  # for modules that a test puts there
        self.process = subprocess.Popen(command, env=environment, cwd=self.folder, stdout=self.log, stderr=self.log)
        self.ask("answer = bpy.app.version_string", patience=120)

    def ask(self, source, patience=60):
        """Run Python in Blender's event loop; returns what it put in `answer`."""
        answer = self.folder / "answer.json"
        partial = self.folder / "ask.part"
        partial.write_text(source, encoding="utf-8")
        partial.replace(self.folder / "ask.py")
        end = time.monotonic() + patience
        while not answer.exists():
            assert self.process.poll() is None, f"Blender ended:\n{self.output()}"
            assert time.monotonic() < end, f"no answer in {patience} s to:\n{source}\n{self.output()}"
            time.sleep(0.02)
        reply = json.loads(answer.read_text(encoding="utf-8"))
        answer.unlink()
        assert "error" not in reply, reply["error"]
        return reply["answer"]

    def wait(self, expression, patience=60):
        """Ask until the expression is true."""
        end = time.monotonic() + patience
        while not self.ask(f"answer = bool({expression})"):
            assert time.monotonic() < end, f"not true after {patience} s: {expression}\n{self.output()}"
            time.sleep(0.1)

    def show_tab(self, name):
        """Open the sidebar of the 3D viewport at a tab."""
        self.ask("view()['space_data'].show_region_ui = True")
        self.ask(f"view('UI')['region'].active_panel_category = {name!r}; view('UI')['region'].tag_redraw()")
        self.ask("bpy.ops.wm.redraw_timer(type='DRAW_WIN_SWAP', iterations=1)")

    def find_button(self, operator, begin=0):
        """Screen position of an operator's button in the sidebar: moves the mouse down the tab until it is under it.

        `begin` is where on the screen it looks first, in pixels from above.
        """
        x, y, width, height = self.ask("r = view('UI')['region']; answer = [r.x, r.y, r.width, r.height]")
        above = SIZE[1] - (y + height)
        for down in range(max(above + 12, begin), SIZE[1] - y, 9):
            place = (x + width // 3, down)
            self.screen.run("xdotool", "mousemove", *place)
            if operator in self.command_under_mouse():
                return place
        raise AssertionError(f"no button for {operator} in the sidebar")

    def command_under_mouse(self):
        """The Python command of the button under the mouse, as Ctrl C over it copies it."""
        self.ask("answer = len(ticks)")  # a turn of the loop, in which the move is seen
        return self.ask(
            "bpy.context.window_manager.clipboard = ''\n"
            "with bpy.context.temp_override(**view('UI')):\n"
            "    if bpy.ops.ui.copy_python_command_button.poll(): bpy.ops.ui.copy_python_command_button()\n"
            "answer = bpy.context.window_manager.clipboard"
        )

    def click(self, place):
        self.screen.run("xdotool", "mousemove", *place, "sleep", "0.2", "click", "1")

    def point_at_view(self):
        """Hold the mouse over the 3D viewport, so that keys go there."""
        x, y, _, height = self.ask("r = view()['region']; answer = [r.x, r.y, r.width, r.height]")
        self.screen.run("xdotool", "mousemove", x + 120, SIZE[1] - y - height // 8, "sleep", "0.2")

    def press(self, *keys):
        self.screen.run("xdotool", "key", *keys)

    def picture(self, path):
        """Save what is on the screen as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.screen.run("import", "-window", "root", path)
        return path

    def output(self):
        return (self.folder / "blender.log").read_text(errors="replace")

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        if self.screen:
            self.screen.close()
