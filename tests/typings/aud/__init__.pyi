# SPDX-License-Identifier: GPL-3.0-or-later
# What facewright uses of Blender's own sound library (https://docs.blender.org/api/current/aud.html).
class Sound:
    def __init__(self, path: str) -> None: ...
    length: int
    specs: tuple[float, int]
    @staticmethod
    def file(path: str) -> Sound: ...
