# SPDX-License-Identifier: GPL-3.0-or-later
"""FLAME heads from the user's own file: driven by ARKit curves, and FLAME motion converted back to curves.

Reading order: `unpickle`, `read` (the file); `parameters`, `model` (FLAME itself); `landmarks`, `graph`,
`register`, `transfer`, `face` (the 52 ARKit shapes on FLAME's vertices); `convert` (curves to FLAME and back); `files`
(other tools' layouts).
"""
