# SPDX-License-Identifier: GPL-3.0-or-later
"""ARKit curves to FLAME parameters, and FLAME motion back to ARKit curves.

The way back is box-constrained least squares (`core.least_squares`) on the shapes of a `FlameFace`, over the whole
face, lips and lids counting more. Head and eyes are measured as rotations. An eyeLook weight may differ from its eye's
rotation only at a cost; mouthClose always comes with jawOpen, so the unknowns are jawOpen alone and both together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ..core.channels import ARKIT, CHANNELS, EYES, HEAD
from ..core.errors import MotionError
from ..core.least_squares import box_least_squares
from ..core.motion import Motion
from ..core.rotations import angles, from_angles, rigid, vectors
from ..heads.shapes.eyes import GAZE
from . import landmarks as lm
from .face import EYE, FlameFace, gaze
from .model import LEFT_EYE, NECK
from .parameters import Parameters

LOOKS = tuple(f"{look}{side}" for look in GAZE for side in ("Left", "Right"))
SOLVED = (*(name for name in ARKIT if name not in (*LOOKS, "tongueOut")), *LOOKS)
# What a weight costs, in square millimetres (the mean over the face): a little for its square, a little for its size,
# for bending over time, and for an eyeLook weight that is not what the eye's rotation says.
RIDGE, SPARSE, SMOOTH, ASTRAY = 2e-4, 1e-4, 2e-3, 5e-3
FEWEST = 200  # vertices to measure the head's turn by
STILL = 3e-4  # metres that no shape moves a vertex by which shows how the head is turned
OPPOSITE = (("jawLeft", "jawRight"), ("mouthLeft", "mouthRight"))  # undo each other, so not both at once
ROUNDS = 25  # of separating identity from expression
DEAR = 100.0  # times the usual cost of a weight meanwhile: what never changes is more likely identity
PART = 64  # frames at once
LIKELY = 0.35  # millimetres of noise that are as likely as one standard deviation of identity


def parameters_of(motion: Motion, face: FlameFace, shape: np.ndarray | None = None) -> Parameters:
    """FLAME expression, jaw, neck and eyes that move a FLAME head as the curves say.

    Head rotation goes to the neck joint, jawOpen and jawLeft/Right to the jaw joint, everything else to expression.
    Where the motion has no eye angles, the eyeLook weights turn the eyes.

    Parameters
    ----------
    motion : Motion
        ARKit weights, and head and eye rotations where it has them.
    face : FlameFace
        The head.
    shape : ndarray [shape=(n,)], optional
        Identity coefficients to go with it.
    """
    weights = _weights(motion)
    eyes = np.concatenate([vectors(_eye_turns(motion, weights, eye)) for eye in (0, 1)], axis=1)
    neck = vectors(from_angles(*_angles(motion, HEAD)))
    return Parameters.still(
        motion.frames,
        motion.fps,
        motion.start,
        expression=weights @ face.coefficients(),
        jaw=weights @ face.jaw,
        neck=neck,
        eyes=eyes,
        shape=shape,
    )


def motion_of(parameters: Parameters, face: FlameFace) -> Motion:
    """ARKit weights, head and eye rotations of FLAME parameters.

    Expression and jaw are explained before the head is posed, where they add up, with what FLAME's expressions can make
    of each ARKit shape. `face` should be of the same identity (``parameters.shape``). Visemes, which a face does not
    show, are zero.
    """
    count = parameters.expression.shape[1]
    shapes = face.expressible(count)
    columns = _columns(face, shapes)
    basis = face.model.expression[:count].reshape(count, -1)
    turned = parameters.jaw @ np.linalg.pinv(face.jaw)  # (F, 52): weights that turn the jaw joint alone as it is turned

    def moves() -> Iterator[np.ndarray]:
        for first in range(0, parameters.frames, PART):
            rows = slice(first, first + PART)
            linear = parameters.expression[rows] @ basis + turned[rows] @ shapes.reshape(len(ARKIT), -1)
            yield 1000 * linear.reshape(-1, *face.neutral.shape)

    head = angles(parameters.turns[:, 0] @ parameters.turns[:, 1])
    eyes = [angles(parameters.turns[:, LEFT_EYE + eye]) for eye in (0, 1)]
    projected = _projected(face, columns, moves())
    return _finished(face, columns, projected, head, eyes, parameters.fps, parameters.start)


def motion_of_vertices(
    trajectory: np.ndarray, face: FlameFace, fps: float, neutral: np.ndarray | None = None, start: float = 0.0
) -> Motion:
    """ARKit weights, head and eye rotations of a FLAME mesh's vertices.

    Parameters
    ----------
    trajectory : ndarray [shape=(F, 5023, 3)]
        Metres, FLAME's axes. May be a memory map: it is read a few frames at a time.
    face : FlameFace
        The head whose shapes explain it.
    fps : float
        Frames per second.
    neutral : ndarray [shape=(5023, 3)], optional
        The same person at rest. By default it is estimated from the trajectory with FLAME's identity space.
    start : float
        Seconds of the first frame.

    Raises
    ------
    MotionError
        When a frame is not finite.
    """
    rest = neutral_of(trajectory, face) if neutral is None else np.asarray(neutral, np.float64)
    stable = _stable(face)
    heads, lefts, rights = [], [], []

    def moves() -> Iterator[np.ndarray]:
        for part in _parts(trajectory):
            unturned, turn = _unturned(part, rest, stable)
            heads.append(turn)
            for eye, turns in enumerate((lefts, rights)):
                ball = slice(lm.SKIN + EYE * eye, lm.SKIN + EYE * (eye + 1))
                turns.append(rigid(rest[ball], unturned[:, ball])[0])
            yield 1000 * (unturned - rest)

    columns = _columns(face, face.shapes)
    projected = _projected(face, columns, moves())
    head, *eyes = (angles(np.concatenate(turns)) for turns in (heads, lefts, rights))
    return _finished(face, columns, projected, head, eyes, fps, start)


def neutral_of(trajectory: np.ndarray, face: FlameFace) -> np.ndarray:
    """The person's face at rest [shape=(5023, 3), float64]: identity and expression are estimated in turns."""
    some = np.unique(np.linspace(0, len(trajectory) - 1, min(len(trajectory), 100)).astype(int))
    frames = np.concatenate(list(_parts(trajectory[some])))
    stable = _stable(face)
    model, base = face.model, face.neutral.astype(np.float64)
    amount = np.sqrt((face.weights + face.weights.mean() * 0.2) / face.weights.mean())[: lm.SKIN, None]
    basis = (model.identity[:, : lm.SKIN] * amount).reshape(len(model.identity), -1).astype(np.float64)
    gram = basis @ basis.T + (0.001 * LIKELY) ** 2 * np.eye(len(basis))
    columns = _columns(face, face.shapes)
    rest = base
    for _ in range(ROUNDS):
        unturned, _turn = _unturned(frames, rest, stable)
        projected = _projected(face, columns, [1000 * (unturned - rest)])
        weights = _box(columns, face, projected, dear=DEAR, smooth=0.0)
        explained = weights @ columns.reshape(len(SOLVED), -1)
        left = np.median(unturned - explained.reshape(frames.shape) / 1000, axis=0) - base
        code = np.linalg.solve(gram, basis @ (left[: lm.SKIN] * amount).ravel())
        rest = base + np.tensordot(code, model.identity, 1)
    return rest


def _unturned(frames: np.ndarray, rest: np.ndarray, stable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Frames with head motion taken out, and the rotation of the head in each (F, 3, 3)."""
    turn, shift = rigid(rest[stable], frames[:, stable])
    return (frames - shift[:, None]) @ turn, turn


def _parts(trajectory: np.ndarray) -> Iterator[np.ndarray]:
    """The trajectory a few frames at a time; raises MotionError where a frame is not finite."""
    for first in range(0, len(trajectory), PART):
        part = np.asarray(trajectory[first : first + PART], np.float64)
        if not np.isfinite(part).all():
            bad = first + int(np.argwhere(~np.isfinite(part).all(axis=(1, 2)))[0, 0])
            raise MotionError(f"Expected finite vertices, got NaN or infinity in frame {bad}. Repair or cut it first.")
        yield part


def _stable(face: FlameFace) -> np.ndarray:
    """Vertices that only head rotation moves: the skull without eyeballs and neck, or those that move least."""
    moved = np.linalg.norm(face.shapes, axis=2).max(axis=0)
    moved[(face.model.weights[:, NECK] < 0.5) | (np.arange(len(moved)) >= lm.SKIN)] = np.inf
    still = np.flatnonzero(moved < STILL)
    return still if len(still) >= FEWEST else np.argsort(moved)[:FEWEST]


def _columns(face: FlameFace, shapes: np.ndarray) -> np.ndarray:
    """Offsets of each unknown [shape=(len(SOLVED), 5023, 3)], millimetres. mouthClose always comes with jawOpen."""
    columns = 1000 * shapes[[ARKIT.index(name) for name in SOLVED]].astype(np.float64)
    columns[SOLVED.index("mouthClose")] += columns[SOLVED.index("jawOpen")]
    return columns


def _projected(face: FlameFace, columns: np.ndarray, moves: Iterable[np.ndarray]) -> np.ndarray:
    """Movements [each shape=(f, 5023, 3), millimetres] along each unknown [shape=(F, len(SOLVED))]."""
    flat = (columns * face.weights[:, None]).reshape(len(columns), -1).T
    return np.concatenate([np.asarray(part, np.float64).reshape(len(part), -1) @ flat for part in moves])


def _box(
    columns: np.ndarray,
    face: FlameFace,
    projected: np.ndarray,
    looks: np.ndarray | None = None,
    dear: float = 1.0,
    smooth: float = SMOOTH,
) -> np.ndarray:
    """Weights of the unknowns (F, len(SOLVED)), those of eyeLook held near `looks` (F, len(LOOKS)) where given.

    `dear` multiplies the usual cost of a weight.
    """
    flat = columns.reshape(len(columns), -1)
    gram = (flat * np.repeat(face.weights, 3)) @ flat.T
    for pair in OPPOSITE:
        i, j = (SOLVED.index(name) for name in pair)
        gram[[i, j], [j, i]] += 0.25 * (gram[i, i] + gram[j, j])
    price = np.full(len(SOLVED), dear * RIDGE)
    wanted = projected - dear * SPARSE
    if looks is not None:
        price[-len(LOOKS) :] = ASTRAY
        wanted[:, -len(LOOKS) :] += ASTRAY * looks + dear * SPARSE
    return box_least_squares(gram + np.diag(price), wanted, smooth)


def _finished(
    face: FlameFace,
    columns: np.ndarray,
    projected: np.ndarray,
    head: np.ndarray,
    eyes: list[np.ndarray],
    fps: float,
    start: float,
) -> Motion:
    looks = np.column_stack([eye_look(name, eyes[name.endswith("Right")]) for name in LOOKS])
    weights = _box(columns, face, projected, looks)
    jaw, close = SOLVED.index("jawOpen"), SOLVED.index("mouthClose")
    weights[:, jaw] = np.minimum(weights[:, jaw] + weights[:, close], 1)
    values = np.zeros((len(projected), len(CHANNELS)))
    for names, found in ((SOLVED, weights), (HEAD, head), (EYES, np.concatenate(eyes, axis=1))):
        values[:, [CHANNELS.index(name) for name in names]] = found
    return Motion(values, CHANNELS, fps, start)


def eye_look(name: str, turned: np.ndarray) -> np.ndarray:
    """Weight of an eyeLook shape for an eye's yaw, pitch, roll [shape=(F, 3)]."""
    full = np.array(gaze(name))
    axis = int(np.abs(full).argmax())
    return np.clip(turned[:, axis] / full[axis], 0, 1)


def _weights(motion: Motion) -> np.ndarray:
    known = [name for name in ARKIT if name in motion.channels]
    if not known:
        raise MotionError("Expected curves with ARKit weights (jawOpen, ...), got none of the 52.")
    weights = np.zeros((motion.frames, len(ARKIT)))
    weights[:, [ARKIT.index(name) for name in known]] = motion.select(known).values
    return weights


def _angles(motion: Motion, names: tuple[str, ...]) -> list[np.ndarray]:
    """The named curves, zero where the motion does not have them."""
    zero = np.zeros(motion.frames)
    return [motion.channel(name).astype(np.float64) if name in motion.channels else zero for name in names]


def _eye_turns(motion: Motion, weights: np.ndarray, eye: int) -> np.ndarray:
    names = EYES[3 * eye : 3 * eye + 3]
    if any(name in motion.channels for name in names):
        return from_angles(*_angles(motion, names))
    looks = [name for name in LOOKS if name.endswith(("Left", "Right")[eye])]
    columns = [ARKIT.index(name) for name in looks]
    yaw, pitch = (weights[:, columns] @ np.array([gaze(name) for name in looks])).T
    return from_angles(yaw, pitch, np.zeros(motion.frames))
