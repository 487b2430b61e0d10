# SPDX-License-Identifier: GPL-3.0-or-later
"""The trained model: card, sessions, encoding, sampling around pins, frames of a take."""
