# SPDX-License-Identifier: GPL-3.0-or-later
"""The inference process, started and spoken to as the add-on does it."""

import contextlib
import subprocess
import sys

import msgspec

from facewright.inference.worker.framing import read_packet
from facewright.inference.worker.protocol import Analysed, Progress, Ready, TakeMade, reply_of, send
from support.paths import ROOT

COMMAND = [sys.executable, "-m", "inference.worker"]


def next_reply(process):
    """The next reply and its motions; None when the pipe has closed."""
    packet = read_packet(process.stdout)
    return None if packet is None else (reply_of(packet[0]), packet[1])


@contextlib.contextmanager
def started(command=COMMAND):
    """A worker that has said that it is ready."""
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            hello, _ = next_reply(process)
            assert isinstance(hello, Ready), hello
            yield process
        finally:
            process.kill()


def ask(process, request, motions=()):
    """Everything the worker says to a request, in order: (reply, motions) up to the last take, style or error."""
    send(process.stdin, msgspec.structs.replace(request, id=7), motions)
    wanted, replies = len(getattr(request, "seeds", (0,))), []
    while True:
        reply, found = next_reply(process)
        assert reply.id == 7
        replies.append((reply, found))
        wanted -= isinstance(reply, TakeMade)
        if not isinstance(reply, Progress | Analysed | TakeMade) or wanted == 0:
            return replies
