# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m inference ...`` in a checkout where nothing is installed: the command line."""

import sys

from .cli.main import main

sys.exit(main())
