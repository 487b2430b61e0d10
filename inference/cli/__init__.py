# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line, one file for each command in `commands`."""

import os

# OpenBLAS, which comes with NumPy, would start a thread for every core before anything is asked of it. Here it only
# multiplies small matrices, and not having them takes a fifth of the time of a short file away.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
