# SPDX-License-Identifier: GPL-3.0-or-later
"""The processor of the computer, which is always there."""

from types import ModuleType
from typing import Any

LABEL, ABOUT = "CPU", "the processor of this computer"
PROVIDER = "CPUExecutionProvider"
AUTOMATIC, ORDER = True, 9


def installed() -> bool:
    """Always."""
    return True


def prepared(ort: ModuleType, options: Any) -> list[str]:
    """Nothing needs to be made ready."""
    return [PROVIDER]


def reason(ort: ModuleType, problem: str) -> str:
    """Only a network that is no network does not run here."""
    return problem
