# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes with their recipes: generated, mixed, made again in part or from the recipe, packed."""
