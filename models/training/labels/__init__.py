# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recording says of every frame: face curves solved from video or by an artist, and phones."""
