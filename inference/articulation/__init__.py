# SPDX-License-Identifier: GPL-3.0-or-later
"""What speech moves beside jaw and lips, by rule: the tongue where it is seen, and cheeks and nose.

No recording that the model learned from shows them. They go by phonemes and by what the mouth does in the same frame,
so files and live sound move alike.
"""

from __future__ import annotations

from ..core.motion import Motion
from ..core.phonemes import Phonemes
from .cheeks import with_cheeks
from .tongue import with_tongue


def articulated(motion: Motion, phones: Phonemes, lead: float = 0.0) -> Motion:
    """The motion, all of ``CHANNELS``, with tongue, cheeks and nose moved by what is said `lead` seconds later."""
    posteriors = phones.at(motion.times + lead)
    return with_cheeks(with_tongue(motion, posteriors), posteriors)
