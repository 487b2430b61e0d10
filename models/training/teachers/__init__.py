# SPDX-License-Identifier: GPL-3.0-or-later
"""Nets of others that our own are measured by and taught by; read where they lie, never shipped."""
