# SPDX-License-Identifier: GPL-3.0-or-later
"""The cheapest sequence of choices through a clip, each kept for a minimum number of frames.

Found by dynamic programming over segments (Bellman 1961, https://doi.org/10.1145/366573.366611).
"""

from __future__ import annotations

import numpy as np

TIE = 1e-6  # a change must save this much more than it costs, so that equal choices do not alternate


def cheapest_path(costs: np.ndarray, least: int, change: float) -> np.ndarray:
    """The choice for each frame, so that the sum of all costs is least.

    Parameters
    ----------
    costs : ndarray [shape=(n, S)]
        What each of S choices costs on each frame.
    least : int
        Frames for which a choice is kept at least; a clip that is no longer has one.
    change : float
        What each change costs.

    Returns
    -------
    ndarray [shape=(n,), intp]
        The number of the choice on each frame.
    """
    count, choices = costs.shape
    if count <= least:
        return np.full(count, int(np.argmin(costs.sum(axis=0))), np.intp)
    spent = np.vstack([np.zeros(choices), np.cumsum(costs, axis=0)])
    total = np.full((count + 1, choices), np.inf)  # cost of all frames before the row, the choice shown last
    total[least] = spent[least]
    begun = np.zeros((count + 1, choices), bool)  # whether a stay of just `least` frames ends here
    begun[least] = True
    before = np.zeros(count + 1, np.intp)  # the choice before such a stay
    for row in range(least + 1, count + 1):
        came = row - least
        stays = total[row - 1] + costs[row - 1]
        cheapest = total[came].min()
        before[row] = int(np.argmin(total[came]))
        comes = cheapest + change + spent[row] - spent[came]
        begun[row] = comes < stays - TIE
        total[row] = np.where(begun[row], comes, stays)
    path = np.zeros(count, np.intp)
    row, choice = count, int(np.argmin(total[count]))
    while row > 0:
        length = least if begun[row, choice] else 1
        path[row - length : row] = choice
        if begun[row, choice]:
            choice = int(before[row])
        row -= length
    return path
