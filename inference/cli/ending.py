# SPDX-License-Identifier: GPL-3.0-or-later
"""How a command ends: its exit status, and one line on what went wrong, whatever that was."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable
from typing import TextIO

from ..core.errors import FacewrightError
from ..core.plain_text import LONGEST, plain

FAILED, INTERRUPTED, PIPE = 1, 130, 141  # 128 and the number of the signal, as shells have it
DEBUG = "FACEWRIGHT_DEBUG"  # shows where in the code an error was met


def ended(run: Callable[[], int | None]) -> int:
    """Run a command; returns its exit status."""
    try:
        status = run() or 0
        sys.stdout.flush()  # what it wrote may meet a full disk only now
        return status
    except KeyboardInterrupt:
        return _said("interrupted; nothing was written.", INTERRUPTED)
    except BrokenPipeError:
        _to_nowhere(sys.stdout)  # else Python complains when it flushes at its end
        return PIPE
    except FacewrightError as error:
        _shown()
        return _said(str(error), FAILED)
    except Exception as error:
        _shown()
        _to_nowhere(sys.stdout)
        return _said(_sentence(error), FAILED)


def _sentence(error: Exception) -> str:
    """What is said of an error that nobody foresaw."""
    if isinstance(error, MemoryError):
        return "Expected enough memory for this, got too little. Take a shorter part, or end other programs."
    if isinstance(error, OSError) and error.strerror:
        named = f" '{os.fsdecode(error.filename)}'" if isinstance(error.filename, str | bytes) else ""
        return f"Expected to read or write{named}, but: {error.strerror}. Check permissions, room and the path."
    where = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" at {where[0].filename.rpartition(os.sep)[2]}, line {where[0].lineno}" if where else ""
    return (
        f"Something unforeseen went wrong: {type(error).__name__}: {plain(str(error), 200)}{place}. Please report it; "
        f"{DEBUG}=1 shows all of it."
    )


def _said(text: str, status: int) -> int:
    with contextlib.suppress(OSError, ValueError):  # nobody reads it any more
        sys.stderr.write(f"facewright: {plain(text, LONGEST)}\n")
        sys.stderr.flush()
    return status


def _shown() -> None:
    if os.environ.get(DEBUG):
        traceback.print_exc()


def _to_nowhere(stream: TextIO) -> None:
    """Leave a stream that cannot be written to empty, for Python flushes it at its end."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
