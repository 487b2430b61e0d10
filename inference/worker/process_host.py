# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting a child process that sends messages, reading them, and ending it.

Threads here only move what comes out of the pipes into a queue; whoever started the child empties the queue.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from ..core.errors import FacewrightError
from .framing import Packet, read_packet

_LONGEST_TAIL = 600  # characters


class ChildProcess:
    """A running child process.

    Parameters
    ----------
    command : sequence of str
        Program and arguments.
    folder : Path
        Its working directory.
    environment : mapping of str to str
        All of its environment variables.
    takes_input : bool
        Whether messages are sent to it, through its standard input.
    own_group : bool
        Whether it leads a group of processes, which `kill` ends with all that it started.
    after : bytes
        What it prints before its first message ends with this line.

    Raises
    ------
    OSError
        When it cannot be started.

    Attributes
    ----------
    packets : queue of Packet or None
        The messages it sent, in order; None once its pipe has closed.
    process : subprocess.Popen
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        *,
        takes_input: bool,
        own_group: bool = False,
        after: bytes = b"",
    ) -> None:
        self._own_group, self._after = own_group, after
        self.packets: queue.Queue[Packet | None] = queue.Queue()
        self._stderr: deque[str] = deque(maxlen=4)  # lines
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE if takes_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=own_group,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._threads = [
            threading.Thread(target=read, args=(pipe,), name="facewright", daemon=True)
            for read, pipe in ((self._read_packets, self.process.stdout), (self._read_stderr, self.process.stderr))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process.poll() is None

    def next_packet(self, wait: float = 0.0) -> Packet | None:
        """Its next message, waited for so many seconds at most; None once its pipe has closed.

        Raises
        ------
        queue.Empty
            When there is nothing yet.
        """
        return self.packets.get(timeout=wait) if wait else self.packets.get_nowait()

    def peek(self) -> Packet | None:
        """What `next_packet` will give; None where there is nothing yet, or its pipe has closed."""
        with self.packets.mutex:
            return self.packets.queue[0] if self.packets.queue else None

    def kill(self) -> None:
        """End it now."""
        if self._own_group and hasattr(os, "killpg"):
            with contextlib.suppress(OSError):  # none of the group is left
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(2.0)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def last_words(self) -> str:
        """The end of what it wrote to standard error before it ended, as a sentence; "" where it wrote nothing."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(2.0)
        self._threads[1].join(1.0)
        text = " ".join(self._stderr).strip()
        return f" It last said: {text[-_LONGEST_TAIL:]}" if text else ""

    def _read_packets(self, pipe: BinaryIO) -> None:
        with contextlib.suppress(OSError, ValueError, FacewrightError):
            while self._after and not (line := pipe.readline()).endswith(self._after):
                if not line:
                    break
            while (packet := read_packet(pipe)) is not None:
                self.packets.put(packet)
        self.packets.put(None)

    def _read_stderr(self, pipe: BinaryIO) -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in pipe:
                self._stderr.append(line.decode("utf-8", "replace").strip())
