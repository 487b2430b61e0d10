# SPDX-License-Identifier: GPL-3.0-or-later
"""The one building block of encoder and memory: a residual dilated convolution over time.

After the residual blocks of WaveNet (https://arxiv.org/abs/1609.03499) and TCN (https://arxiv.org/abs/1803.01271), with
layer norm per frame: nothing is averaged over time, so that a sound computed in parts equals the whole of it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class ChannelDropout(nn.Module):
    """Drops whole channels of a window ``(B, N, width)``: as good as dropping single values, and almost free."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        if not self.training or self.share == 0.0:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2]) >= self.share
        return x * (kept / (1.0 - self.share)).to(x.dtype)


class DilatedBlock(nn.Module):
    """``x + W gelu(conv(norm(x)))`` with 3 taps, of which the last looks ``dilation`` frames ahead if ``ahead``.

    The convolution is written as one matrix product over gathered taps: on a processor with bfloat16 that trains three
    times as fast as ``Conv1d``.
    """

    def __init__(self, width: int, dilation: int, ahead: bool, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.taps = nn.Linear(3 * width, width)
        self.out = nn.Linear(width, width)
        self.drop = ChannelDropout(dropout)
        self.left, self.right = (dilation, dilation) if ahead else (2 * dilation, 0)
        self.dilation = dilation

    def forward(self, x: Tensor) -> Tensor:
        """``(B, N, width)`` to ``(B, N, width)``."""
        frames = x.shape[1]
        padded = functional.pad(self.norm(x), (0, 0, self.left, self.right))  # (B, left + N + right, width)
        taps = [padded[:, k * self.dilation : k * self.dilation + frames] for k in range(3)]
        return x + self.out(self.drop(functional.gelu(self.taps(torch.cat(taps, dim=-1)))))


def context(blocks: nn.Module) -> tuple[int, int]:
    """Frames before and after that reach the output of these blocks."""
    inside = [block for block in blocks.modules() if isinstance(block, DilatedBlock)]
    return sum(block.left for block in inside), sum(block.right for block in inside)
