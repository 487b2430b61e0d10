# SPDX-License-Identifier: GPL-3.0-or-later
"""A film of the built-in head speaking, with the sound: rendered by the bpy wheel, without a window or a graphics card.

Cycles on the processor, because it alone needs no OpenGL, with few samples and a denoiser
(https://docs.blender.org/manual/en/latest/render/cycles/).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from .errors import ExportError
from .motion import Motion
from .replacing import replacing

if TYPE_CHECKING:
    import bpy

FPS = 25

_SAMPLES = 3


def render_preview(
    motion: Motion,
    audio_path: str | os.PathLike[str],
    out_mp4: str | os.PathLike[str],
    *,
    size: int = 480,
    progress: Callable[[float], None] | None = None,
) -> None:
    """Render the built-in head moving like `motion`, with the sound, into an .mp4 file at 25 frames per second.

    Parameters
    ----------
    motion : Motion
        Live Link channels at any rate; ``start`` says where in the sound they begin.
    audio_path : str or PathLike
        The sound that was animated.
    out_mp4 : str or PathLike
        The film: H.264 and AAC. Written elsewhere first; what is there stays until the new film is whole.
    size : int
        Width and height in pixels, even.
    progress : callable, optional
        Called with the fraction done, in (0, 1], after every frame.

    Raises
    ------
    ExportError
        When bpy 5.0 or later is missing, this runs inside Blender itself (it would replace the open scene), or the film
        cannot be written.
    """
    bpy = _bpy()
    motion = motion.resample(FPS)
    with replacing(out_mp4) as part, TemporaryDirectory(prefix="facewright-") as folder, _hushed():
        film = Path(folder) / "film.mp4"  # a plain name: Blender reads # { } in names as its own
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        _fill(scene, motion, Path(audio_path).resolve())
        _set_up_render(scene, film, size)
        _render(scene, progress)
        if not film.exists() or not film.stat().st_size:
            raise ExportError(f"Expected Blender to write a film to {folder}, but it did not. Free some disk space.")
        shutil.copyfile(film, part)


def _bpy():
    try:
        import bpy
    except ImportError as error:
        raise ExportError(
            f"Expected the bpy wheel, which renders the preview, but: {error}. Install it: `pip install bpy`."
        ) from error
    if not bpy.app.module or bpy.app.version < (5, 0, 0):
        where = "Blender itself" if not bpy.app.module else f"bpy {bpy.app.version_string}"
        raise ExportError(f"Expected the bpy wheel 5.0 or later, got {where}. Install it: `pip install 'bpy>=5.0'`.")
    return bpy


def _fill(scene: bpy.types.Scene, motion: Motion, sound: Path) -> None:
    from .faces.builtin import builtin_head
    from .preview_scene import build_stage

    scene.render.fps, scene.render.fps_base = FPS, 1.0
    scene.frame_start, scene.frame_end = 1, motion.frames
    build_stage(scene, builtin_head(), motion)
    strips = scene.sequence_editor_create().strips
    strips.new_sound("Speech", str(sound), channel=1, frame_start=1 - round(motion.start * FPS))


def _set_up_render(scene: bpy.types.Scene, film: Path, size: int) -> None:
    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    cycles.device, cycles.samples, cycles.use_adaptive_sampling = "CPU", _SAMPLES, False
    cycles.use_denoising, cycles.denoiser, cycles.denoising_quality = True, "OPENIMAGEDENOISE", "FAST"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "NONE"
    cycles.max_bounces, cycles.use_light_tree = 0, False  # direct light is enough here, and twice as quick
    render.use_persistent_data = True
    render.resolution_x = render.resolution_y = size
    render.resolution_percentage = 100
    scene.view_settings.view_transform = "Standard"
    render.image_settings.media_type = "VIDEO"
    encode = render.ffmpeg
    encode.format, encode.codec, encode.constant_rate_factor = "MPEG4", "H264", "HIGH"
    encode.audio_codec, encode.audio_bitrate = "AAC", 160
    render.use_file_extension = False
    render.filepath = str(film)


def _render(scene: bpy.types.Scene, progress: Callable[[float], None] | None) -> None:
    import bpy

    def report(scene: bpy.types.Scene, *_: object) -> None:
        if progress is not None:
            progress((scene.frame_current - scene.frame_start + 1) / (scene.frame_end - scene.frame_start + 1))

    bpy.app.handlers.render_write.append(report)
    try:
        bpy.ops.render.render(animation=True, scene=scene.name)
    except RuntimeError as error:
        raise ExportError(f"Expected Blender to render the preview, but: {error}. Free some disk space.") from error
    finally:
        bpy.app.handlers.render_write.remove(report)


@contextmanager
def _hushed() -> Iterator[None]:
    """Blender writes a line per frame to standard output, from C: let it go nowhere."""
    kept, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)
