# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sequences of what artists do around Bake and Unbake, with undo and redo between: no key is lost or left."""

import os

import pytest
from support.undoing_artist import UndoingArtist

SEQUENCES = int(os.environ.get("FACEWRIGHT_SEQUENCES", "4"))


@pytest.mark.parametrize("seed", range(SEQUENCES))
def test_no_key_of_the_artists_is_lost_with_undo(scene, talk, tmp_path, seed):
    artist = UndoingArtist(talk, tmp_path, seed)
    try:
        artist.works(30)
    except Exception as error:
        error.add_note(f"after {', '.join(artist.done)}")
        raise
