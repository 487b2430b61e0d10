# SPDX-License-Identifier: GPL-3.0-or-later
"""A triangle mesh made coarser by collapsing edges, to a number of vertices and of border vertices."""

import heapq

import numpy as np


class ThinnedMesh:
    """Just enough of a triangle mesh to collapse its edges: for each vertex, the pairs that follow it in its faces."""

    def __init__(self, points, triangles, protected):
        self.points, self.protected = points, protected
        self.around = {}
        for a, b, c in triangles.tolist():
            for u, v, w in ((a, b, c), (b, c, a), (c, a, b)):
                self.around.setdefault(u, set()).add((v, w))

    def faces(self):
        return {min((u, v, w), (v, w, u), (w, u, v)) for u, pairs in self.around.items() for v, w in pairs}

    def near(self, u):
        return {v for pair in self.around[u] for v in pair}

    def on_border(self, u):
        return {v for v, _ in self.around[u]} != {w for _, w in self.around[u]}

    def border(self):
        return {u for u in self.around if self.on_border(u)}

    def length(self, u, v):
        face = -self.points[u][1] > 20 and -125 < self.points[u][2] < 35
        return np.linalg.norm(self.points[u] - self.points[v]) * (1.0 if face else 0.45)

    def merge(self, u, v):
        """Move u onto v when that keeps the mesh whole; says whether it did."""
        shared = self.near(u) & self.near(v)
        faces = [pair for pair in self.around[u] if v in pair]
        if u in self.protected or len(shared) != len(faces):
            return False
        if any(self._folds(u, v, pair) for pair in self.around[u] if v not in pair):
            return False
        for a, b in list(self.around[u]):
            for x, pair in ((a, (b, u)), (b, (u, a))):
                self.around[x].discard(pair)
                if v not in (a, b):
                    self.around[x].add(tuple(v if k == u else k for k in pair))
            if v not in (a, b):
                self.around[v].add((a, b))
        del self.around[u]
        return True

    def _folds(self, u, v, pair):
        a, b = (self.points[k] for k in pair)
        before = np.cross(a - self.points[u], b - self.points[u])
        after = np.cross(a - self.points[v], b - self.points[v])
        return before @ after < 0.3 * np.linalg.norm(before) * np.linalg.norm(after) or np.linalg.norm(after) < 0.05

    def collapse_edge(self, ring, count):
        """Thin one border to `count` vertices."""
        ring = ring & set(self.around)
        for _ in range(20):
            for u in sorted(ring):
                if len(ring) == count:
                    return
                beside = sorted(self.near(u) & ring, key=lambda v, u=u: self.length(u, v))
                pairs = [v for v in beside if len([p for p in self.around[u] if v in p]) == 1]
                if any(self.merge(u, v) for v in pairs):
                    ring.discard(u)
        raise AssertionError(f"a border of {len(ring)} stays")

    def collapse(self, count):
        """Collapse the shortest edges until `count` vertices are left; borders stay."""
        heap = [(self.length(u, v), u, v) for u in self.around for v in self.near(u)]
        heapq.heapify(heap)
        while len(self.around) > count:
            _, u, v = heapq.heappop(heap)
            if u in self.around and v in self.near(u) and not self.on_border(u):
                neighbours = self.near(u)
                if self.merge(u, v):
                    for x in neighbours & self.near(v):
                        heapq.heappush(heap, (1.15 * self.length(v, x), v, x))
                        heapq.heappush(heap, (1.15 * self.length(v, x), x, v))
