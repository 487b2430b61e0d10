# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in head: a sound mesh, the same on both sides, and shapes that move what they should."""

from dataclasses import replace

import numpy as np
import pytest
from support.builtin_head import (
    CHIN,
    CORNERS,
    EYES,
    HEAD_MODEL,
    MIDDLE,
    MM,
    MOUTH,
    NOSE_TIP,
    REST,
    UPPER,
    gap,
    nearest,
    part,
    posed,
)

from facewright.inference.core.channels import ARKIT, HEAD, VISEMES, mirrored
from facewright.inference.core.errors import RigError
from facewright.inference.core.motion import Motion
from facewright.inference.heads import builtin_head
from facewright.inference.heads.parts import lids, lips

SIDED = [n for n in ARKIT if n.endswith("Left") and mirrored(n) in ARKIT] + ["jawLeft", "mouthLeft"]


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
