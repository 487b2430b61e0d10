# SPDX-License-Identifier: GPL-3.0-or-later
"""Random sequences of what artists do around Bake and Unbake, with undo between or without: no key of theirs is lost.

``FACEWRIGHT_SEQUENCES=300`` runs as many of each; the seeds of a failure are in its name.
"""

import os

import pytest
from support.artist import Artist
from support.undoing_artist import UndoingArtist

WORK = {Artist: (18, 8), UndoingArtist: (30, 4)}  # steps of a sequence, and how many of these are tried
RUNS = [
    pytest.param(artist, steps, seed, id=f"{artist.__name__}-{seed}")
    for artist, (steps, sequences) in WORK.items()
    for seed in range(int(os.environ.get("FACEWRIGHT_SEQUENCES", sequences)))
]


@pytest.mark.parametrize(("artist", "steps", "seed"), RUNS)
def test_no_key_of_the_artists_is_lost(scene, talk, tmp_path, artist, steps, seed):
    artist = artist(talk, tmp_path, seed)
    try:
        artist.works(steps)
    except Exception as error:
        error.add_note(f"after {', '.join(artist.done)}")
        raise
