# SPDX-License-Identifier: GPL-3.0-or-later
"""Many shots: a list of them is read (`lists`), each is made once (`making`, `record`), side by side (`cluster`)."""
