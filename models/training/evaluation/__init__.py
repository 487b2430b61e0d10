# SPDX-License-Identifier: GPL-3.0-or-later
"""Evaluation of a model as a user meets it: sound in, the whole product path, weights on the ICT head, figures out.

``bench`` holds the system under test, ``recordings`` what it is tested on, ``measures`` one file for each measure,
``table`` what a measure hands back, ``rhubarb`` a peer on the same clips. Needs NumPy, onnxruntime and soundfile, no
torch. ``python -m facewright.models.training.evaluation.evaluate`` runs it.
"""
