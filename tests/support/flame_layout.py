# SPDX-License-Identifier: GPL-3.0-or-later
"""A model in FLAME's layout at full size, made by code: no vertex, no number of the real model is in it.

The head is another head than the built-in one (wider, longer, uneven, its mesh thinned to irregular triangles that
do not share its vertices' places), with the published landmark numbers on the places they name. Identity and
expression are smooth random fields, made orthogonal; expression moves lips and lids apart, but knows no ARKit shape.
"""

from functools import cache

import numpy as np

from facewright.inference.core.curves import smoothstep
from facewright.inference.flame import landmarks as lm
from facewright.inference.heads.parts import lids, lips
from facewright.inference.heads.rest import head_at_rest
from facewright.inference.heads.shapes import jaw as shapes_jaw

from .thinned_mesh import ThinnedMesh

SKIN_VERTICES, EYE_VERTICES, VERTICES, FACES = 3931, 546, 5023, 9976
MOUTH_EDGE, NECK_EDGE = 30, 32


@cache
def flame_arrays(seed=7):
    """The arrays of a FLAME file by their names, float64, J_regressor dense."""
    rng = np.random.default_rng(seed)
    rest = head_at_rest()
    named = _named_places(rest, rng)
    points, triangles, keep = _thinned(rest, set(named.values()))
    points = _relaxed(points, triangles, {keep[v] for v in named.values()})
    order = _numbered(len(points), {number: keep[v] for number, v in named.items()})
    old = np.empty(len(order), int)
    old[order] = np.arange(len(order))
    back = np.array(sorted(keep, key=keep.get))  # vertex of the built-in skin behind each thinned one
    skin, triangles = points[old], order[triangles]
    parted = rest.parted[back][old]
    jaw = shapes_jaw.jaw_weights(rest, rest.parted, 26)[back][old]
    eyes = [_eyeball(lids.CENTER * (side, 1, 1)) for side in (1, -1)]
    everything = np.concatenate([skin, eyes[0][0], eyes[1][0]])
    faces = np.concatenate([triangles, eyes[0][1] + SKIN_VERTICES, eyes[1][1] + SKIN_VERTICES + EYE_VERTICES])
    assert len(everything) == VERTICES and len(faces) == FACES
    template = flame_axes(another_head(everything))
    domain = another_head(np.concatenate([parted, eyes[0][0], eyes[1][0]]))
    weights = _weights(everything, jaw)
    joints = flame_axes(another_head(np.array([(0, 15, -190), (0, 10, -110), shapes_jaw.HINGE - (0, 2, -1)])))
    regressor = _regressor(template, joints, rng)
    identity = _orthogonal(_waves(flame_axes(domain), 300, rng), 3.0, 0.97)
    expression = _orthogonal(_bumps(domain, 100, rng) * _facing(weights), 2.6, 0.965)
    pose = 2e-4 * rng.standard_normal((36, 1, 3)) * np.sin(40 * template[None, :, :1] + rng.uniform(0, 6, (36, 1, 1)))
    return {
        "v_template": template,
        "f": faces.astype(np.uint32),
        "shapedirs": np.concatenate([identity, expression]).transpose(1, 2, 0),
        "posedirs": (pose * (weights[:, 2:3] > 0.01)).transpose(1, 2, 0),
        "J_regressor": regressor,
        "weights": weights,
        "kintree_table": np.array([[2**32 - 1, 0, 1, 1, 1], [0, 1, 2, 3, 4]], np.int64),
        "bs_style": "lbs",
        "bs_type": "lrotmin",
    }


def flame_axes(points):
    """Millimetres with z up and -y in front to FLAME's metres with y up and z in front, its origin inside the neck."""
    return 0.001 * np.stack([points[..., 0], points[..., 2] + 25.0, -points[..., 1] - 20.0], axis=-1)


def another_head(p):
    """A smooth change of the built-in head's form, millimetres: another person."""
    x, y, z = p.T
    wide = 1.07 + 0.05 * smoothstep(z, -110, 40)
    long = 0.95 * z + 2.5 * np.sin(z / 38.0)
    deep = 0.97 * y - 3.0 * np.exp(-(((z + 38) / 16) ** 2) - (x / 16) ** 2) + 4.0 * np.exp(-(((z + 100) / 25) ** 2))
    return np.stack([wide * x + 0.8 * np.sin(z / 30.0), deep, long], axis=-1)


def _named_places(rest, rng):
    """FLAME number -> vertex of the built-in skin."""
    mouth, eyes, points = rest.skin.mouth, rest.skin.eyes, rest.skin.points
    border, seam, inside = mouth[lips.BORDER], mouth[lips.SEAM], mouth[lips.CONTACT + 2]
    upper, lower = np.arange(18, 47, 2), np.arange(14, -15, -2) % lips.COUNT
    named = {}
    for ring, above, below in (
        (border, lm.BORDER_UPPER, lm.BORDER_LOWER),
        (inside, lm.INSIDE_UPPER, lm.INSIDE_LOWER),
    ):
        named |= dict(zip(above, ring[upper], strict=True)) | dict(zip(below, ring[lower], strict=True))
    named |= dict(zip(lm.BORDER_CORNERS, border[[16, 48]], strict=True))
    named |= dict(zip(lm.SEAM_CORNERS, seam[[16, 48]], strict=True))
    named |= dict(zip(lm.SEAM_UPPER, seam[[24, 32, 40]], strict=True))
    named |= dict(zip(lm.SEAM_LOWER, seam[[8, 0, 56]], strict=True))
    named |= dict(zip(lm.IBUG[[49, 53]], border[[43, 21]], strict=True))
    for numbers, rings in zip(lm.EYES, eyes, strict=True):
        named |= dict(zip(numbers, rings[lids.MARGIN][[9, 14, 22, 27, 32, 4]], strict=True))
    brow = [(52, 20), (43, 23.4), (33, 23), (23, 21), (14, 19.4)]
    places = [(-x, z) for x, z in brow] + [(x, z) for x, z in reversed(brow)]
    places += [(0, 3), (0, -10), (0, -23), (0, -37), (-13, -47), (-7, -48.5), (0, -48), (7, -48.5), (13, -47)]
    contour = [(-62, -50), (-57, -62), (-52, -74), (-45, -86), (-38, -95), (-29, -104), (-18, -111), (-9, -113.5)]
    contour = [(-66, -36), *contour[1:], (0, -113.5), *[(-x, z) for x, z in reversed(contour[1:])], (66, -36)]
    spots = dict(zip(lm.IBUG[17:36], places, strict=True)) | dict(zip(lm.IBUG[:17], contour, strict=True))
    taken = set(named.values())
    for number, (x, z) in spots.items():
        wanted = np.array([x, z]) + rng.normal(0, 0.8, 2) * (x != 0)
        far = np.hypot(*(points[:, [0, 2]] - wanted).T) + 1e3 * (points[:, 1] > -15) + 3 * _inside(rest)
        far[list(taken)] = np.inf
        named[number] = int(far.argmin())
        taken.add(named[number])
    return {int(number): int(vertex) for number, vertex in named.items()}


def _inside(rest):
    """1 for vertices in nostrils, mouth and behind the lids."""
    inside = np.zeros(len(rest.skin.points))
    inside[np.unique(rest.skin.quads[rest.skin.tags >= 2])] = 1
    inside[rest.skin.eyes[:, lids.MARGIN :]] = 1
    return inside


def _thinned(rest, protected):
    """Triangles with 3931 vertices: mouth and neck opened, then short edges collapsed, never a protected vertex."""
    skin = rest.skin
    base = 3 * 64 + 15 * 15  # what closes the neck is the last that was added
    drop = set(range(len(skin.points) - base, len(skin.points)))
    drop |= set(skin.mouth[lips.CONTACT + 3 :].ravel()) | _behind(skin)
    quads = skin.quads[~np.isin(skin.quads, list(drop)).any(axis=1)]
    sockets = [_fan(ring) for ring in (skin.eyes[0, -1], skin.eyes[1, -1, ::-1])]
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]], *sockets])
    mesh = ThinnedMesh(skin.points, triangles, protected)
    mesh.collapse_edge(set(skin.mouth[lips.CONTACT + 2]), MOUTH_EDGE)
    neck = {v for v in mesh.border() if v not in set(skin.mouth[lips.CONTACT + 2])}
    mesh.collapse_edge(neck, NECK_EDGE)
    mesh.collapse(SKIN_VERTICES)
    keep = {v: k for k, v in enumerate(sorted(mesh.around))}
    triangles = np.array([[keep[v] for v in face] for face in sorted(mesh.faces())])
    return skin.points[sorted(mesh.around)].copy(), triangles, keep


def _fan(ring):
    """Triangles that close a ring."""
    return np.stack([np.full(len(ring) - 2, ring[0]), ring[1:-1], ring[2:]], axis=1)


def _behind(skin):
    """Vertices of the grid that closes the sock of the mouth."""
    last = set(skin.mouth[-1])
    grid = skin.quads[np.isin(skin.quads, list(last)).any(axis=1)]
    found = set(grid.ravel()) - set(skin.mouth.ravel())
    while True:
        more = set(skin.quads[np.isin(skin.quads, list(found)).any(axis=1)].ravel()) - set(skin.mouth.ravel())
        if more <= found:
            return found
        found |= more


def _relaxed(points, triangles, fixed):
    """Vertices slid along the surface towards the middle of their neighbours, so that none lies where it lay."""
    fixed = np.array(sorted(fixed))
    edges = np.unique(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=0)
    both = np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)
    for _ in range(2):
        a, b, c = (points[triangles[:, k]] for k in range(3))
        normal = np.zeros_like(points)
        np.add.at(normal, triangles, np.cross(b - a, c - a)[:, None])
        normal /= np.linalg.norm(normal, axis=1, keepdims=True)
        mean = np.zeros_like(points)
        np.add.at(mean, both[:, 0], points[both[:, 1]])
        mean /= np.bincount(both[:, 0], minlength=len(points))[:, None]
        step = mean - points
        step -= (step * normal).sum(axis=1, keepdims=True) * normal
        step[fixed] = 0
        thin = np.linalg.norm(step, axis=1, keepdims=True)
        points = points + 0.4 * step * np.minimum(1, 1.2 / np.maximum(thin, 1e-9))
    return points


def _numbered(count, named):
    """The FLAME number of each thinned vertex."""
    number = np.full(count, -1)
    for flame, vertex in named.items():
        number[vertex] = flame
    free = np.setdiff1d(np.arange(count), list(named))
    number[number < 0] = free
    return number


def _eyeball(center):
    polar = np.linspace(0, np.pi, 19)[1:-1]
    around = 2 * np.pi * np.arange(32) / 32
    rings = np.stack(
        [
            np.sin(polar)[:, None] * np.cos(around),
            -np.cos(polar)[:, None] + 0 * around,
            np.sin(polar)[:, None] * np.sin(around),
        ],
        axis=-1,
    )
    points = center + lids.RADIUS * np.concatenate([[[0, -1, 0]], rings.reshape(-1, 3), [[0, 1, 0]]])
    ring = 1 + np.arange(17 * 32).reshape(17, 32)
    a, b = ring[:-1], ring[1:]
    an, bn = np.roll(a, -1, 1), np.roll(b, -1, 1)
    sides = [np.stack([a, b, bn], -1).reshape(-1, 3), np.stack([a, bn, an], -1).reshape(-1, 3)]
    front = np.stack([np.zeros(32, int), ring[0], np.roll(ring[0], -1)], -1)
    back = np.stack([np.full(32, 545), np.roll(ring[-1], -1), ring[-1]], -1)
    return points, np.concatenate([*sides, front, back])


def _weights(points, jaw):
    root = np.concatenate([1 - smoothstep(points[:, 2], -185, -125)])
    weights = np.zeros((VERTICES, 5))
    weights[:SKIN_VERTICES, 2] = 0.97 * jaw
    weights[:, 0] = np.minimum(root, 1 - weights[:, 2])
    weights[:, 1] = 1 - weights[:, 0] - weights[:, 2]
    weights[SKIN_VERTICES:] = 0
    weights[SKIN_VERTICES : SKIN_VERTICES + EYE_VERTICES, 3] = 1
    weights[SKIN_VERTICES + EYE_VERTICES :, 4] = 1
    return weights


def _regressor(template, joints, rng):
    """Rows that find the joints as averages of vertices."""
    rows = np.zeros((5, VERTICES))
    for row, joint in enumerate(joints):
        some = rng.choice(SKIN_VERTICES, 60, replace=False)
        system = np.vstack([template[some].T, np.ones(60)])
        rows[row, some] = np.linalg.lstsq(system, np.append(joint, 1.0), rcond=None)[0]
    rows[3, SKIN_VERTICES : SKIN_VERTICES + EYE_VERTICES] = 1 / EYE_VERTICES
    rows[4, SKIN_VERTICES + EYE_VERTICES :] = 1 / EYE_VERTICES
    return rows


def _facing(weights):
    """Expression moves neither eyeballs nor the foot of the neck."""
    return ((weights[:, 3] + weights[:, 4]) < 0.5)[None, :, None] * (1 - weights[:, 0])[None, :, None]


def _waves(points, count, rng):
    """Slow random waves over the whole head [shape=(count, V, 3)]."""
    k = rng.normal(0, 14, (count, 3, 3))
    return np.sin(np.einsum("vc,ncd->nvd", points, k) + rng.uniform(0, 6.3, (count, 1, 3)))


def _bumps(domain, count, rng):
    """Random soft bumps on the face; the domain has the lips apart [shape=(count, V, 3)]."""
    spots = [((0, -97, -67), (26, 14, 16), 40), ((0, -90, 15), (48, 14, 20), 40), ((0, -80, -50), (55, 25, 45), 20)]
    total = np.zeros((count, len(domain), 3))
    for middle, spread, number in spots:
        for _ in range(6):
            centers = np.array(middle) + rng.normal(0, 1, (count, 3)) * spread
            size = rng.uniform(9, 26, count)
            square = ((domain[None] - another_head(centers)[:, None]) ** 2).sum(axis=2)
            total += (number / 20) * np.exp(-square / size[:, None] ** 2)[..., None] * rng.normal(0, 1, (count, 1, 3))
    return total


def _orthogonal(fields, first, falloff):
    """Orthogonal directions whose largest offsets fall from `first` millimetres on [shape=(n, V, 3)], metres."""
    flat = np.linalg.qr(fields.reshape(len(fields), -1).T)[0].T.reshape(fields.shape)
    size = 0.001 * first * falloff ** np.arange(len(fields))
    return flat / np.abs(flat).max(axis=(1, 2), keepdims=True) * size[:, None, None]
