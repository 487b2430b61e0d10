# SPDX-License-Identifier: GPL-3.0-or-later
"""From recordings and labels to batches: augmentation, streams in the cache, windows and chunks of them."""
