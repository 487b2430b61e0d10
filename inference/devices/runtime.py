# SPDX-License-Identifier: GPL-3.0-or-later
"""onnxruntime (https://onnxruntime.ai): loaded when it is first needed, and set up in one way for all networks."""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

from ..core.errors import ModelError

_FATAL = 4  # of onnxruntime's levels: what goes wrong is raised as an error, and told in our words


def onnxruntime() -> ModuleType:
    """The library, with its telemetry off: since 1.29 it reports to its maker unless told not to before it is loaded.

    Raises
    ------
    ModelError
        When it cannot be loaded.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import onnxruntime as ort
    except ImportError as problem:
        raise ModelError(
            f"Expected onnxruntime to load, but: {problem}. On Windows install Microsoft's Visual C++ Redistributable "
            "for x64. In Blender install the zip made for this system again; elsewhere `pip install onnxruntime`."
        ) from problem
    ort.disable_telemetry_events()  # Windows does not read the variable
    ort.set_default_logger_severity(_FATAL)
    return ort


def session_options(threads: int) -> Any:
    """Options of a session: how a network runs, whatever runs it.

    Parameters
    ----------
    threads : int
        At most so many processor threads.
    """
    options = onnxruntime().SessionOptions()
    options.log_severity_level = 3  # errors are raised, warnings would only fill the console
    options.intra_op_num_threads = min(os.cpu_count() or 1, threads)
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads must not heat a laptop
    options.use_deterministic_compute = True  # a seed is a take, bit for bit
    options.enable_cpu_mem_arena = False  # an arena keeps the most it ever held, one for each file; no faster here
    return options
