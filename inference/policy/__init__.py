# SPDX-License-Identifier: GPL-3.0-or-later
"""The trained model: from sound to the frames of a take.

`predictor` is its face to the rest: `encode` a sound, then `sample` takes of it. `card` describes a released model,
`session` opens its networks in onnxruntime, `encoding` holds what they make of a sound before any noise is drawn,
`sampler` draws motion from noise, `inpainting` keeps pinned frames, `visemes` turns phoneme posteriors into visemes,
and `assembler` puts motion and visemes together, frame by frame.
"""
