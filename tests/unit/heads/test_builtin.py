# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in head: a sound mesh, and shapes that do what their names say."""

from dataclasses import replace

import numpy as np
import pytest

from facewright.inference.core.channels import ARKIT, HEAD, VISEMES, mirrored
from facewright.inference.core.errors import RigError
from facewright.inference.core.motion import Motion
from facewright.inference.heads import builtin_head
from facewright.inference.heads.parts import brows, lids, lips
from facewright.inference.heads.rest import head_at_rest

MM = 0.001
HEAD_MODEL = builtin_head()
REST = head_at_rest()
MOUTH, EYES = REST.skin.mouth, REST.skin.eyes
PLACE = np.arange(lips.COUNT)
UPPER = PLACE[lips.COUNT // 4 + 1 : 3 * lips.COUNT // 4]  # without the corners
LOWER = (lips.COUNT // 2 - UPPER) % lips.COUNT  # the place of the lower lip below each
MIDDLE = lips.COUNT // 2
LEFT_CORNER, RIGHT_CORNER = lips.COUNT // 4, 3 * lips.COUNT // 4
SIDED = [n for n in ARKIT if n.endswith("Left") and mirrored(n) in ARKIT] + ["jawLeft", "mouthLeft"]


def posed(**weights: float) -> np.ndarray:
    """Vertices [shape=(V, 3)] in mm; a name without side moves both sides."""
    moved = HEAD_MODEL.neutral.astype(float)
    for name, weight in weights.items():
        for full in [name] if name in HEAD_MODEL.shapes else [f"{name}Left", f"{name}Right"]:
            moved = moved + weight * HEAD_MODEL.shapes[full]
    return moved / MM


def nearest(x: float, forward: float, up: float) -> int:
    """The skin vertex nearest to a place in mm."""
    skin = HEAD_MODEL.neutral[HEAD_MODEL.parts["skin"].vertices] / MM
    return int(((skin - (x, -forward, up)) ** 2).sum(axis=1).argmin())


def part(name: str, vertices: np.ndarray) -> np.ndarray:
    return vertices[HEAD_MODEL.parts[name].vertices]


def gap(vertices: np.ndarray, ring: int = lips.SEAM) -> np.ndarray:
    """Height of the opening between the lips at every place of a ring, corners left out, mm."""
    return vertices[MOUTH[ring, UPPER], 2] - vertices[MOUTH[ring, LOWER], 2]


def moved_by(name: str, vertex: int, weight: float = 1.0) -> np.ndarray:
    """Movement of a vertex in mm: x, forward, up."""
    return (posed(**{name: weight}) - posed())[vertex] * (1, -1, 1)


def lid_gap(vertices: np.ndarray, side: int = 0) -> np.ndarray:
    n = lids.COUNT
    upper = np.arange(n // 4 + 1, 3 * n // 4)
    lower = (n // 2 - upper) % n
    inner = EYES[side, lids.MARGIN + 1]
    return vertices[inner[upper], 2] - vertices[inner[lower], 2]


CHIN = nearest(0, 97, -101)
NOSE_TIP = nearest(0, 120, -38)
CORNERS = MOUTH[lips.SEAM, [LEFT_CORNER, RIGHT_CORNER]]


class TestMesh:
    def test_is_small_enough_and_finite(self):
        assert len(HEAD_MODEL.neutral) < 15_000
        assert np.isfinite(HEAD_MODEL.neutral).all()
        assert all(np.isfinite(offset).all() for offset in HEAD_MODEL.shapes.values())

    def test_has_all_shapes_in_order(self):
        assert tuple(HEAD_MODEL.shapes) == ARKIT + VISEMES

    def test_has_real_size_and_faces_front(self):
        low, high = HEAD_MODEL.neutral.min(axis=0), HEAD_MODEL.neutral.max(axis=0)
        assert 0.13 < (high - low)[0] < 0.20
        assert 0.18 < (high - low)[1] < 0.25
        assert HEAD_MODEL.neutral[:, 1].argmin() == NOSE_TIP
        crown, chin = high[2], HEAD_MODEL.neutral[CHIN, 2]
        assert 0.20 < crown - chin < 0.25

    def test_parts_cover_everything_once(self):
        vertices = np.concatenate([np.arange(len(HEAD_MODEL.neutral))[p.vertices] for p in HEAD_MODEL.parts.values()])
        polygons = np.concatenate([np.arange(len(HEAD_MODEL.faces))[p.polygons] for p in HEAD_MODEL.parts.values()])
        assert np.array_equal(vertices, np.arange(len(HEAD_MODEL.neutral)))
        assert np.array_equal(polygons, np.arange(len(HEAD_MODEL.faces)))
        for p in HEAD_MODEL.parts.values():
            used = HEAD_MODEL.faces[p.polygons]
            used = used[used >= 0]
            assert used.min() == p.vertices.start and used.max() == p.vertices.stop - 1
            assert len(np.unique(used)) == p.vertices.stop - p.vertices.start

    def test_faces_are_valid(self):
        for face in HEAD_MODEL.faces:
            corners = face[face >= 0]
            assert len(corners) >= 3 and len(set(corners)) == len(corners)

    @pytest.mark.parametrize("name", list(HEAD_MODEL.parts))
    def test_every_edge_has_at_most_two_faces_wound_the_same_way(self, name):
        directed = [e for f in HEAD_MODEL.faces[HEAD_MODEL.parts[name].polygons] for e in edges(f)]
        assert len(directed) == len(set(directed))
        open_edges = set(directed) - {(b, a) for a, b in directed}
        if name != "skin":
            assert not open_edges
        else:  # the inner edge of the lids, behind the eyeballs' front
            assert len(open_edges) == 2 * lids.COUNT

    @pytest.mark.parametrize("name", [n for n in HEAD_MODEL.parts if n != "skin"])
    def test_closed_parts_face_outwards(self, name):
        assert signed_volume(HEAD_MODEL.faces[HEAD_MODEL.parts[name].polygons]) > 0

    @pytest.mark.parametrize(
        ("place", "outward"),
        [
            ((0, 99, 45), (0, -1, 0)),
            ((0, -97, 25), (0, 1, 0)),
            ((74, 0, 50), (1, 0, 0)),
            ((0, 0, 118), (0, 0, 1)),
            ((35, 82, -37), (0.5, -1, 0)),
        ],
    )
    def test_skin_faces_outwards(self, place, outward):
        vertex = nearest(*place)
        around = HEAD_MODEL.faces[(HEAD_MODEL.faces == vertex).any(axis=1)]
        a, b, c = (HEAD_MODEL.neutral[around[:, k]] for k in range(3))
        assert (np.cross(b - a, c - a) @ np.array(outward) > 0).all()

    def test_neutral_is_symmetrical_and_lips_are_closed(self):
        skin = part("skin", HEAD_MODEL.neutral)
        assert np.array_equal(skin[REST.skin.mirror] * np.float32([-1, 1, 1]), skin)
        assert gap(posed()) == pytest.approx(0, abs=1e-3)

    def test_eyes_sit_in_their_sockets(self):
        for side, name in enumerate(("eye_left", "eye_right")):
            center = HEAD_MODEL.eye_centers[side] / MM
            lid = posed()[EYES[side].ravel()]
            inner = np.linalg.norm(posed()[EYES[side, lids.MARGIN + 1]] - center, axis=1)
            assert (inner > lids.RADIUS + 0.3).all() and (inner < lids.RADIUS + 2).all()
            ball = part(name, posed())
            assert ball[:, 1].min() > posed()[NOSE_TIP, 1] and np.abs(ball[:, 0]).max() < np.abs(lid[:, 0]).max() + 1

    def test_teeth_and_tongue_lie_behind_the_closed_lips(self):
        front_of_teeth = min(part("teeth_upper", posed())[:, 1].min(), part("teeth_lower", posed())[:, 1].min())
        assert front_of_teeth > posed()[MOUTH[lips.CONTACT, MIDDLE], 1] + 2
        assert part("tongue", posed())[:, 1].min() > front_of_teeth

    def test_is_made_the_same_every_time(self):
        again = builtin_head.__wrapped__()
        assert np.array_equal(again.neutral, HEAD_MODEL.neutral)
        assert all(np.array_equal(again.shapes[n], HEAD_MODEL.shapes[n]) for n in HEAD_MODEL.shapes)


def edges(face: np.ndarray) -> list[tuple[int, int]]:
    corners = face[face >= 0].tolist()
    return list(zip(corners, corners[1:] + corners[:1], strict=True))


def signed_volume(faces: np.ndarray) -> float:
    quad = faces[:, 3] >= 0
    corners = np.concatenate([faces[:, :3], faces[quad][:, [0, 2, 3]]])
    a, b, c = (HEAD_MODEL.neutral[corners[:, k]].astype(float) for k in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


@pytest.mark.parametrize("name", SIDED)
def test_left_and_right_mirror_exactly(name):
    left, right = HEAD_MODEL.shapes[name], HEAD_MODEL.shapes[mirrored(name)]
    assert np.array_equal(left[REST.mirror] * np.float32([-1, 1, 1]), right)


@pytest.mark.parametrize("name", [n for n in ARKIT if mirrored(n) == n])
def test_shapes_of_the_middle_are_symmetrical(name):
    offset = HEAD_MODEL.shapes[name]
    assert np.array_equal(offset[REST.skin.mirror] * np.float32([-1, 1, 1]), offset[: len(REST.skin.mirror)])


@pytest.mark.parametrize("name", [n for n in SIDED if not n.startswith("jaw") and n != "mouthLeft"])
def test_left_shapes_move_the_left_side(name):
    length = np.linalg.norm(HEAD_MODEL.shapes[name], axis=1)
    left = HEAD_MODEL.neutral[:, 0] > 0
    assert length[left].sum() > 4 * length[~left].sum()


@pytest.mark.parametrize("name", [n for n in ARKIT + VISEMES if n != "viseme_sil"])
def test_shapes_move_something_by_a_sensible_amount(name):
    length = np.linalg.norm(HEAD_MODEL.shapes[name], axis=1)
    assert 0.0015 < length.max() < 0.05
    assert not length[HEAD_MODEL.parts["teeth_upper"].vertices].any()


class TestJaw:
    def test_open_lowers_chin_and_parts_the_lips(self):
        assert moved_by("jawOpen", CHIN)[2] < -15
        assert gap(posed(jawOpen=1.0))[len(UPPER) // 2] > 15
        assert (gap(posed(jawOpen=1.0)) > 0).all()

    def test_lower_teeth_and_tongue_follow_and_upper_teeth_stay(self):
        offset = posed(jawOpen=1.0) - posed()
        front = posed()[:, 1] < -80
        teeth = np.zeros(len(front), dtype=bool)
        teeth[HEAD_MODEL.parts["teeth_lower"].vertices] = True
        assert offset[front & teeth, 2].max() < -15
        assert part("tongue", offset)[:, 2].min() < -10

    def test_forward_and_sideways(self):
        assert moved_by("jawForward", CHIN)[1] > 4
        assert moved_by("jawLeft", CHIN)[0] > 5
        assert moved_by("jawRight", CHIN)[0] < -5

    @pytest.mark.parametrize("weight", [0.2, 0.5, 1.0])
    def test_mouth_close_shuts_what_jaw_open_parts(self, weight):
        for ring in (lips.SEAM, lips.CONTACT):
            assert gap(posed(jawOpen=weight, mouthClose=weight), ring) == pytest.approx(0, abs=1e-3)
        assert (posed(jawOpen=weight, mouthClose=weight) - posed())[CHIN, 2] < -15 * weight


class TestMouth:
    def test_smile_raises_and_widens_the_corners(self):
        x, _, up = moved_by("mouthSmileLeft", CORNERS[0])
        assert up > 4 and x > 3

    def test_frown_lowers_the_corners(self):
        assert moved_by("mouthFrownLeft", CORNERS[0])[2] < -4

    def test_stretch_and_dimple_widen(self):
        assert moved_by("mouthStretchLeft", CORNERS[0])[0] > 5
        x, forward, _ = moved_by("mouthDimpleLeft", CORNERS[0])
        assert x > 2 and forward < -2

    def test_pucker_narrows_and_protrudes(self):
        vertices = posed(mouthPucker=1.0)
        assert np.ptp(vertices[CORNERS, 0]) < 0.72 * np.ptp(posed()[CORNERS, 0])
        assert moved_by("mouthPucker", MOUTH[lips.SEAM - 3, MIDDLE])[1] > 5

    def test_funnel_opens_and_protrudes(self):
        assert gap(posed(mouthFunnel=1.0))[len(UPPER) // 2] > 4
        assert moved_by("mouthFunnel", MOUTH[lips.SEAM - 3, MIDDLE])[1] > 4
        assert np.ptp(posed(mouthFunnel=1.0)[CORNERS, 0]) < 0.9 * np.ptp(posed()[CORNERS, 0])

    def test_sideways(self):
        assert moved_by("mouthLeft", MOUTH[lips.SEAM, MIDDLE])[0] > 5
        assert moved_by("mouthRight", MOUTH[lips.SEAM, MIDDLE])[0] < -5

    @pytest.mark.parametrize(("name", "place"), [("mouthRollUpper", MIDDLE), ("mouthRollLower", 0)])
    def test_rolls_hide_the_red_of_the_lip(self, name, place):
        def red(vertices):
            return abs(vertices[MOUTH[lips.BORDER, place], 2] - vertices[MOUTH[lips.SEAM, place], 2])

        assert red(posed(**{name: 1.0})) < 0.6 * red(posed())
        assert moved_by(name, MOUTH[lips.SEAM - 3, place])[1] < -2

    def test_shrugs_lift(self):
        assert moved_by("mouthShrugLower", MOUTH[lips.BORDER, 0])[2] > 1.5
        assert moved_by("mouthShrugLower", CHIN)[2] > 1.5
        assert moved_by("mouthShrugUpper", MOUTH[lips.BORDER, MIDDLE])[2] > 1.5

    def test_press_thins_the_closed_lips(self):
        vertices, place = posed(mouthPress=1.0), MIDDLE
        height = vertices[MOUTH[lips.BORDER, place], 2] - vertices[MOUTH[lips.BORDER, 0], 2]
        assert height < 0.8 * (posed()[MOUTH[lips.BORDER, place], 2] - posed()[MOUTH[lips.BORDER, 0], 2])
        assert gap(vertices) == pytest.approx(0, abs=1e-3)

    def test_upper_up_and_lower_down_show_teeth(self):
        left_of_middle = MIDDLE - 5
        assert moved_by("mouthUpperUpLeft", MOUTH[lips.SEAM, left_of_middle])[2] > 3
        assert moved_by("mouthLowerDownLeft", MOUTH[lips.SEAM, 5])[2] < -3
        upper_edge = part("teeth_upper", posed())
        upper_edge = upper_edge[upper_edge[:, 1] < -86, 2].min()
        assert posed(mouthUpperUp=1.0)[MOUTH[lips.SEAM, MIDDLE], 2] > upper_edge + 3

    def test_cheeks(self):
        assert moved_by("cheekPuff", nearest(39, 74, -64))[0] > 4
        assert moved_by("cheekSquintLeft", nearest(38, 79, -28))[2] > 3
        assert moved_by("noseSneerLeft", nearest(16, 97, -40))[2] > 2.5

    def test_tongue_out_passes_the_lips(self):
        vertices = posed(tongueOut=1.0)
        assert part("tongue", vertices)[:, 1].min() < vertices[MOUTH[:, 0], 1].min() - 5
        assert part("tongue", posed(viseme_TH=1.0))[:, 1].min() < -86

    @pytest.mark.parametrize("jaw", [0.0, 0.3, 0.6, 1.0])
    @pytest.mark.parametrize(
        "name", [n for n in ARKIT if n.startswith(("mouth", "jaw", "cheek")) and n != "mouthClose"]
    )
    def test_lips_never_cross(self, name, jaw):
        weights = {name: 1.0} | ({} if name == "jawOpen" else {"jawOpen": jaw})
        for ring in (lips.SEAM, lips.CONTACT):
            assert gap(posed(**weights), ring).min() > -0.05

    @pytest.mark.parametrize("seed", range(20))
    def test_lips_never_cross_in_random_mixes(self, seed):
        rng = np.random.default_rng(seed)
        names = [
            "mouthSmile",
            "mouthFrown",
            "mouthStretch",
            "mouthFunnel",
            "mouthPucker",
            "mouthPress",
            "mouthRollLower",
            "mouthRollUpper",
            "mouthShrugLower",
            "mouthShrugUpper",
            "mouthUpperUp",
            "mouthLowerDown",
            "mouthDimple",
        ]
        weights = {n: float(rng.uniform(0, 0.6)) for n in rng.choice(names, 4, replace=False)}
        weights["jawOpen"] = float(rng.uniform(0, 0.7))
        weights["mouthClose"] = float(rng.uniform(0, weights["jawOpen"]))
        assert gap(posed(**weights)).min() > -0.05

    @pytest.mark.parametrize("name", VISEMES)
    def test_lips_never_cross_in_visemes(self, name):
        assert gap(posed(**{name: 1.0})).min() > -0.05


def faces_in_front(vertices: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How many skin faces a ray from each point straight forwards meets."""
    quads = HEAD_MODEL.faces[HEAD_MODEL.parts["skin"].polygons]
    triangles = vertices[np.concatenate([quads[:, :3], quads[:, [0, 2, 3]]])]
    flat = triangles[..., [0, 2]]
    near = (flat.max(1) >= points[:, [0, 2]].min(0)).all(1) & (flat.min(1) <= points[:, [0, 2]].max(0)).all(1)
    a, b, c = triangles[near].transpose(1, 0, 2)
    ab, ac, p = b - a, c - a, points[:, None] + (1e-5, 0, 2e-5) - a
    area = ab[:, 0] * ac[:, 2] - ab[:, 2] * ac[:, 0]
    area = np.where(np.abs(area) < 1e-12, 1e-12, area)
    u = (p[..., 0] * ac[:, 2] - p[..., 2] * ac[:, 0]) / area
    v = (p[..., 2] * ab[:, 0] - p[..., 0] * ab[:, 2]) / area
    in_front = u * ab[:, 1] + v * ac[:, 1] < p[..., 1]
    return ((u >= 0) & (v >= 0) & (u + v <= 1) & in_front).sum(axis=1)


CLOSED = [{n: 1.0} for n in ("mouthSmile", "mouthFrown", "mouthDimple", "mouthStretch", "mouthPress", "mouthPucker",
                             "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthLeft",
                             "jawLeft", "jawForward", "cheekPuff", "noseSneer", "viseme_sil", "viseme_PP")]  # fmt: skip


class TestNothingPokesThrough:
    @pytest.mark.parametrize("weights", [{}, *CLOSED, {"jawOpen": 1.0, "mouthClose": 1.0}], ids=str)
    @pytest.mark.parametrize("name", ["teeth_upper", "teeth_lower", "tongue"])
    def test_closed_lips_hide_teeth_and_tongue(self, name, weights):
        vertices = posed(**weights)
        assert (faces_in_front(vertices, part(name, vertices)) > 0).all()

    @pytest.mark.parametrize("name", ["teeth_upper", "teeth_lower", "tongue"])
    @pytest.mark.parametrize(
        "weights", [{"jawOpen": 0.4}, {"jawOpen": 1.0}, {"jawOpen": 0.3, "mouthSmile": 1.0}], ids=str
    )
    def test_open_lips_show_them_only_between_the_lips(self, name, weights):
        vertices = posed(**weights)
        points = part(name, vertices)
        shown = points[faces_in_front(vertices, points) == 0]
        opening = vertices[MOUTH[lips.SEAM]]
        assert (shown[:, [0, 2]] >= opening[:, [0, 2]].min(axis=0)).all()
        assert (shown[:, [0, 2]] <= opening[:, [0, 2]].max(axis=0)).all()

    def test_closed_lids_hide_the_eyeball(self):
        vertices = posed(eyeBlink=1.0)
        for name in ("eye_left", "eye_right"):
            ball = part(name, vertices)
            front = ball[ball[:, 1] < lids.CENTER[1] - 0.5 * lids.RADIUS]
            assert (faces_in_front(vertices, front) > 0).all()

    @pytest.mark.parametrize("weights", [{}, {"eyeWide": 1.0}, {"eyeLookUp": 1.0}, {"eyeSquint": 1.0}], ids=str)
    def test_lashes_stay_in_front_of_the_lids(self, weights):
        vertices = posed(**weights)
        tips = part("lashes", vertices)[1 : 3 * len(brows.UPPER) : 3]  # of the left eye, outer corner first
        assert (faces_in_front(vertices, tips[:-2]) == 0).all()


class TestEyes:
    @pytest.mark.parametrize("side", [0, 1])
    def test_blink_closes_the_lids(self, side):
        assert lid_gap(posed(), side).max() > 9
        assert lid_gap(posed(eyeBlink=1.0), side) == pytest.approx(0, abs=1e-3)

    @pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 0.75, 1.0])
    @pytest.mark.parametrize("name", ["eyeBlink", "eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown"])
    def test_lids_stay_outside_the_eyeball(self, name, weight):
        outside = posed(**{name: weight})[EYES[0, : lids.MARGIN + 1]] - lids.CENTER
        assert np.linalg.norm(outside, axis=-1).min() > lids.RADIUS + 0.5

    def test_wide_squint_and_look(self):
        neutral = lid_gap(posed()).max()
        assert lid_gap(posed(eyeWide=1.0)).max() > neutral + 2
        assert lid_gap(posed(eyeSquint=1.0)).max() < neutral - 2.5
        n = lids.COUNT // 2
        assert moved_by("eyeLookDownLeft", EYES[0, lids.MARGIN, n])[2] < -2
        assert moved_by("eyeLookUpLeft", EYES[0, lids.MARGIN, n])[2] > 0.8

    @pytest.mark.parametrize(
        ("name", "axis", "sign"),
        [("eyeLookUp", 2, 1), ("eyeLookDown", 2, -1), ("eyeLookIn", 0, -1), ("eyeLookOut", 0, 1)],
    )
    def test_gaze_turns_the_pupil(self, name, axis, sign):
        ball = HEAD_MODEL.parts["eye_left"].vertices
        pupil = ball.start + int(HEAD_MODEL.neutral[ball, 1].argmin())
        moved = moved_by(f"{name}Left", pupil)
        assert sign * moved[axis] > 5

    def test_brows_follow_the_skin(self):
        brow = REST.part["brows"]
        inner = brow.start + int(np.abs(REST.points[brow, 0] - 15).argmin())
        outer = brow.start + int(np.abs(REST.points[brow, 0] - 44).argmin())
        assert moved_by("browInnerUp", inner)[2] > 5
        assert moved_by("browOuterUpLeft", outer)[2] > 5
        assert moved_by("browDownLeft", inner)[2] < -4
        for name in ("browInnerUp", "browOuterUpLeft", "browDownLeft"):
            offset = HEAD_MODEL.shapes[name]
            for vertex in (inner, outer):
                below = nearest(*(HEAD_MODEL.neutral[vertex] / MM * (1, -1, 1)))
                assert np.linalg.norm(offset[vertex] - offset[below]) < 0.0015


class TestVisemes:
    def test_opening_ranks_as_in_speech(self):
        middle = len(UPPER) // 2
        opening = {n: gap(posed(**{n: 1.0}))[middle] for n in VISEMES}
        assert opening["viseme_sil"] == pytest.approx(0, abs=1e-3) == opening["viseme_PP"]
        assert opening["viseme_aa"] > opening["viseme_E"] > opening["viseme_I"] > opening["viseme_PP"]
        assert opening["viseme_aa"] > 10

    def test_rounded_and_spread(self):
        width = {n: np.ptp(posed(**{n: 1.0})[CORNERS, 0]) for n in VISEMES}
        assert width["viseme_U"] < width["viseme_O"] < width["viseme_aa"] < width["viseme_I"]

    def test_lower_lip_meets_upper_teeth_in_ff(self):
        vertices = posed(viseme_FF=1.0)
        edge = part("teeth_upper", vertices)
        incisors = edge[(np.abs(edge[:, 0]) < 8) & (edge[:, 1] < -82)]
        lip = vertices[MOUTH[lips.SEAM - 2 : lips.CONTACT + 1, 0]]
        assert np.abs(lip[:, 2].max() - incisors[:, 2].min()) < 2.5

    def test_tongue_tip_rises(self):
        tip = REST.part["tongue"].start + int(REST.points[REST.part["tongue"], 1].argmin())
        free = posed(viseme_DD=1.0)[tip, 2] - posed(viseme_aa=1.0)[tip, 2]
        assert free > 10


class TestVertices:
    def test_adds_weighted_offsets_and_ignores_unknown_channels(self):
        motion = Motion(np.float32([[0.5, 1.0, 3.0]]), ("jawOpen", "mouthSmileLeft", "somethingElse"), 50.0)
        expected = HEAD_MODEL.neutral + 0.5 * HEAD_MODEL.shapes["jawOpen"] + HEAD_MODEL.shapes["mouthSmileLeft"]
        assert HEAD_MODEL.vertices(motion)[0] == pytest.approx(expected, abs=1e-6)

    def test_visemes_count_only_without_arkit_weights(self):
        alone = Motion(np.ones((1, 1), np.float32), ("viseme_aa",), 50.0)
        both = Motion(np.float32([[1, 0]]), ("viseme_aa", "jawOpen"), 50.0)
        assert not np.array_equal(HEAD_MODEL.vertices(alone)[0], HEAD_MODEL.neutral)
        assert HEAD_MODEL.vertices(both)[0] == pytest.approx(HEAD_MODEL.neutral, abs=1e-7)

    @pytest.mark.parametrize(("angles", "direction"), [((0.3, 0, 0), (-1, 0, 0)), ((0, 0.3, 0), (0, 0, -1))])
    def test_head_turns_in_the_documented_sense(self, angles, direction):
        moved = HEAD_MODEL.vertices(Motion(np.float32([angles]), HEAD, 50.0))[0]
        assert (moved - HEAD_MODEL.neutral)[NOSE_TIP] @ np.array(direction) > 0.02
        lengths = np.linalg.norm(moved - HEAD_MODEL.neck, axis=1)
        assert lengths == pytest.approx(np.linalg.norm(HEAD_MODEL.neutral - HEAD_MODEL.neck, axis=1), abs=1e-6)

    def test_positive_roll_tilts_to_the_own_right(self):
        moved = HEAD_MODEL.vertices(Motion(np.float32([[0, 0, 0.3]]), HEAD, 50.0))[0]
        assert (moved - HEAD_MODEL.neutral)[nearest(0, 0, 118), 0] < -0.02

    def test_eye_angles_turn_the_ball_instead_of_eye_look(self):
        motion = Motion(np.float32([[0.3, 1.0]]), ("leftEyeYaw", "eyeLookInLeft"), 50.0)
        moved = HEAD_MODEL.vertices(motion)[0] - HEAD_MODEL.neutral
        ball = HEAD_MODEL.parts["eye_left"].vertices
        pupil = ball.start + int(HEAD_MODEL.neutral[ball, 1].argmin())
        assert moved[pupil, 0] == pytest.approx(-np.sin(0.3) * (lids.RADIUS + 0.45) * MM, abs=2e-4)

    def test_refuses_shapes_of_another_mesh(self):
        with pytest.raises(RigError, match="vertices"):
            replace(HEAD_MODEL, shapes={"jawOpen": np.zeros((3, 3), np.float32)})

    def test_refuses_numbers_that_are_not_finite(self):
        broken = HEAD_MODEL.neutral.copy()
        broken[7] = np.nan
        with pytest.raises(RigError, match="finite"):
            replace(HEAD_MODEL, neutral=broken)
