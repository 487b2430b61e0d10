# SPDX-License-Identifier: GPL-3.0-or-later
"""All tracked clips of one person to the 61 Live Link channels of each.

Steps: rigid alignment (``landmarks.py``), displacement from the own closed mouth, least squares for mouth and brows
(``solving.py``), exact lip closures, lids and gaze read directly (``eyes.py``), head rotation.
"""

from __future__ import annotations

import numpy as np

from ..core.channels import ARKIT, HEAD, LIVE_LINK
from ..core.rotations import angles
from . import distances, eyes, solving
from .head import MarkedHead
from .landmarks import BROWS, Stabilised, Tracks, stabilise, template
from .smoothing import gaussian

# A frame counts as closed when the lips are within this of the tightest tenth of the clip (outer-eye distances).
CLOSED = 0.005
# Of these, the face at rest is taken from the ones with the jaw highest: jawOpen cannot be negative, and between words
# the jaw often hangs behind closed lips.
REST_JAW = 30  # percentile
# A clip's own closed mouth is trusted against the person's as if the latter were this many frames.
PERSON_FRAMES = 15
HEAD_SMOOTH = 0.048  # seconds, standard deviation

# What the points do not show: cheeks, sneer, tongue, squint and wide eyes, eye roll, the jaw towards the camera,
# and what cannot be told from other channels: pressed lips, dimples, and corners drawn down (see the docs page).
UNSEEN = (
    "mouthPressLeft", "mouthPressRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
    "jawForward", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
    "eyeSquintLeft", "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "leftEyeRoll", "rightEyeRoll",
)  # fmt: skip
OBSERVED = np.array([name not in UNSEEN for name in LIVE_LINK])


def solve_person(
    tracks: dict[str, Tracks], head: MarkedHead, priors: dict[str, solving.Prior] = solving.MOUTH, **settings
) -> dict[str, np.ndarray]:
    """Weights and rotations of every clip of one person.

    Parameters
    ----------
    tracks : dict of str to Tracks
        The person's clips, landmarks in pixels.
    head : MarkedHead
        The head the landmarks are explained with.
    priors, **settings
        See :func:`solving.mouth_problem`.

    Returns
    -------
    dict of str to ndarray [shape=(F, 61), float32]
        Columns as in ``channels.LIVE_LINK``. Head angles are relative to the clip's own mean pose.
    """
    stable, neutrals = align_person(tracks)
    mouth, brow = solving.mouth_problem(head, priors, **settings), solving.brow_problem(head)
    return {clip: solve_clip(stable[clip], neutrals[clip], head, mouth, brow) for clip in tracks}


def align_person(tracks: dict[str, Tracks]) -> tuple[dict[str, Stabilised], dict[str, np.ndarray]]:
    """Head-free landmarks and the closed-mouth face (L, 3) of every clip of one person."""
    mean = template(list(tracks.values()))
    stable = {clip: stabilise(t, mean) for clip, t in tracks.items()}
    rest = {clip: s.face.points[rest_frames(s.face)] for clip, s in stable.items()}
    person = np.concatenate(list(rest.values())).mean(0)
    return stable, {clip: _shrunk(points, person) for clip, points in rest.items()}


def closed_frames(face: Tracks, still: np.ndarray | None = None) -> np.ndarray:
    """Which frames have the lips together, (F,) bool; `still` (F,) bool are frames that surely do."""
    opening = distances.from_landmarks(face)[:, 0]
    shut = np.percentile(opening, 10) if still is None else np.median(opening[still])
    return opening < shut + CLOSED


def rest_frames(face: Tracks) -> np.ndarray:
    """Which frames show the face at rest, (F,) bool: lips together and the jaw up."""
    closed, jaw = closed_frames(face), distances.from_landmarks(face)[:, 2]
    return closed & (jaw <= np.percentile(jaw[closed], REST_JAW))


def _shrunk(points: np.ndarray, person: np.ndarray) -> np.ndarray:
    """A clip's closed-mouth face, leaning on the person's where few frames show it."""
    trust = len(points) / (len(points) + PERSON_FRAMES)
    return trust * np.median(points, axis=0) + (1 - trust) * person


def solve_clip(
    stable: Stabilised,
    neutral: np.ndarray,
    head: MarkedHead,
    mouth: solving.Problem,
    brow: solving.Problem,
    still: np.ndarray | None = None,
) -> np.ndarray:
    """Weights and rotations of one clip.

    Parameters
    ----------
    stable : Stabilised
        The clip with the head held still.
    neutral : ndarray [shape=(L, 3)]
        The face at rest, in the same axes.
    head : MarkedHead
        The head the landmarks are explained with.
    mouth, brow : Problem
        See :func:`solving.mouth_problem`, :func:`solving.brow_problem`.
    still : ndarray [shape=(F,), bool], optional
        Frames in which the person looks straight ahead with the lips closed; guessed where not given.

    Returns
    -------
    ndarray [shape=(F, 61), float32]
        Columns as in ``channels.LIVE_LINK``.
    """
    face = stable.face
    scale = head.eye_distance / distances.landmark_eye_distance(neutral, face)
    out = np.zeros((len(face.points), len(LIVE_LINK)))
    for problem, numbers in ((mouth, tuple(solving.POINT_WEIGHT)), (brow, tuple(BROWS))):
        moves = solving.displacement(face, neutral, numbers, scale)
        lips = problem is mouth
        rows = solving.rows(moves, numbers, mouth=lips, shown=lips and head.shown_width is not None)
        solved = problem.solve(rows, face.fps)
        out[:, [LIVE_LINK.index(name) for name in problem.columns]] = solved
    jaw, close = LIVE_LINK.index("jawOpen"), LIVE_LINK.index("mouthClose")
    out[:, jaw] = np.minimum(out[:, jaw] + out[:, close], 1)
    weights = close_lips(out[:, : len(ARKIT)], head, closed_frames(face, still))
    out[:, : len(ARKIT)] = weights
    for name, values in eyes.solve_eyes(face, still).items():
        out[:, LIVE_LINK.index(name)] = values
    turned = gaussian(angles(stable.rotation), HEAD_SMOOTH * face.fps)
    ahead = turned if still is None else turned[still]
    out[:, [LIVE_LINK.index(name) for name in HEAD]] = turned - ahead.mean(0)
    return out.astype(np.float32)


def close_lips(weights: np.ndarray, head: MarkedHead, closed: np.ndarray) -> np.ndarray:
    """Shut exactly, on the mesh, the lips that are shut in the video and that smoothing left ajar.

    First what parts the lips (lower lip down, upper lip up, funnel) is scaled back, then mouthClose takes the rest of
    the way, never above jawOpen.
    """
    weights = weights.copy()
    rest = head.distances(np.zeros((1, len(ARKIT))))[0, 0]
    pull = head.distances(np.eye(len(ARKIT)))[:, 0] - rest
    gap = np.where(closed, np.maximum(weights @ pull, 0), 0)
    parting = [ARKIT.index(n) for n in ARKIT if n.startswith(("mouthLowerDown", "mouthUpperUp", "mouthFunnel"))]
    parted = weights[:, parting] @ pull[parting]
    keep = np.where(parted > 1e-9, np.clip(1 - gap / np.maximum(parted, 1e-9), 0, 1), 1)
    weights[:, parting] *= keep[:, None]
    left = np.maximum(gap - parted * (1 - keep), 0)
    jaw, close = ARKIT.index("jawOpen"), ARKIT.index("mouthClose")
    weights[:, close] = np.minimum(weights[:, close] + left / -pull[close], weights[:, jaw])
    return weights
