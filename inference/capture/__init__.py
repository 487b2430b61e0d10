# SPDX-License-Identifier: GPL-3.0-or-later
"""A face in a video to curves: tracking, and the solver that makes training targets, too."""
