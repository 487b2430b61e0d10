# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sequences of what artists do around Bake and Unbake: no key that they set is ever lost.

``FACEWRIGHT_SEQUENCES=300`` runs as many; the seeds of a failure are in its name.
"""

import os

import pytest
from support.artist import Artist

SEQUENCES = int(os.environ.get("FACEWRIGHT_SEQUENCES", "8"))


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_no_key_of_the_artists_is_lost(scene, talk, tmp_path, seed):
    artist = Artist(talk, tmp_path, seed)
    try:
        artist.works(18)
    except Exception as error:
        error.add_note(f"after {', '.join(artist.done)}")
        raise
