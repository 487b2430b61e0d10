# SPDX-License-Identifier: GPL-3.0-or-later
"""FLAME heads: the user's own file read, moved, driven by ARKit curves, and turned back into them.

Reading order: `unpickle`, `read` (the file); `parameters`, `model` (FLAME itself); `landmarks`, `graph`,
`register`, `transfer`, `face` (the 52 ARKit shapes on FLAME's vertices); `convert` (curves to FLAME and back); `files`
(other tools' layouts).
"""
