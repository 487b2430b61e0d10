# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m inference.worker``: the inference process that the add-on starts."""

import sys

from .server import main

sys.exit(main())
