# SPDX-License-Identifier: GPL-3.0-or-later
"""A film of the built-in head speaking, with the sound: rendered by the bpy wheel, without a window or a graphics card.

Cycles on the processor, because it alone needs no OpenGL, with few samples and a denoiser
(https://docs.blender.org/manual/en/latest/render/cycles/).
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ..core.atomic_write import replacing
from ..core.errors import ExportError
from ..core.motion import Motion
from ..heads.builtin import builtin_head
from ..lips.contacts import shut_on_frames
from .scene import build_stage

if TYPE_CHECKING:
    import bpy

FPS = 25

_SAMPLES = 3
_ROOM = "Is there room for the pictures in the folder for temporary files?"


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
    frames = motion.resample(FPS)
    motion = replace(frames, values=shut_on_frames(motion, frames.times, 1 / FPS))
    with (
        replacing(out_mp4) as part,
        TemporaryDirectory(prefix="facewright-") as folder,
        _hushed(),
        _patient() as pending,
    ):
        bpy.ops.wm.read_factory_settings(use_empty=True)
        scene = bpy.context.scene
        scene.render.fps, scene.render.fps_base = FPS, 1.0
        scene.render.resolution_x = scene.render.resolution_y = size
        scene.view_settings.view_transform = "Standard"
        build_stage(scene, builtin_head(), motion)
        try:
            pictures = _render_pictures(scene, motion.frames, Path(folder), pending, progress)
            film = _join(scene, pictures, Path(audio_path).resolve(), motion.start)
        except RuntimeError as error:  # how Blender's operators fail
            reason = str(error).removeprefix("Error: ").strip()
            raise ExportError(f"Expected Blender to render the preview, but: {reason}. {_ROOM}") from error
        shutil.copyfile(film, part)


def _bpy():
    try:
        import bpy
    except ModuleNotFoundError as error:
        raise ExportError(
            "Expected the bpy wheel, which renders the preview. Install it: `pip install bpy`."
        ) from error
    except ImportError as error:
        raise ExportError(
            f"Expected the bpy wheel to load, but: {error}. On Debian or Ubuntu: "
            "`apt install libx11-6 libxrender1 libxfixes3 libxi6 libxkbcommon0 libsm6 libgl1`."
        ) from error
    if not bpy.app.module or bpy.app.version < (5, 0, 0):
        where = "Blender itself" if not bpy.app.module else f"bpy {bpy.app.version_string}"
        raise ExportError(f"Expected the bpy wheel 5.0 or later, got {where}. Install it: `pip install 'bpy>=5.0'`.")
    return bpy


def _render_pictures(
    scene: bpy.types.Scene,
    frames: int,
    folder: Path,
    pending: list[int],
    progress: Callable[[float], None] | None,
) -> list[Path]:
    """The files of the pictures, one for each frame; each is one operator call, so that Ctrl+C works between frames."""
    import bpy

    render, cycles = scene.render, scene.cycles
    render.engine = "CYCLES"
    cycles.device, cycles.samples, cycles.use_adaptive_sampling = "CPU", _SAMPLES, False
    cycles.use_denoising, cycles.denoiser, cycles.denoising_quality = True, "OPENIMAGEDENOISE", "FAST"
    cycles.denoising_input_passes, cycles.denoising_prefilter = "RGB_ALBEDO_NORMAL", "NONE"
    cycles.max_bounces, cycles.use_light_tree = 0, False  # direct light is enough here, and twice as quick
    render.use_persistent_data = True
    render.image_settings.file_format, render.image_settings.quality = "JPEG", 97
    pictures = [folder / f"{frame:06d}.jpg" for frame in range(1, frames + 1)]
    for frame, picture in enumerate(pictures, start=1):
        scene.frame_set(frame)
        render.filepath = str(picture)
        bpy.ops.render.render(write_still=True, scene=scene.name)
        if pending:
            raise KeyboardInterrupt
        if progress is not None:
            progress(frame / frames)
    return pictures


def _join(scene: bpy.types.Scene, pictures: list[Path], sound: Path, start: float) -> Path:
    """The pictures as a film with the sound, through the Sequencer; they begin at second `start` of the sound."""
    import bpy

    film = pictures[0].with_name("film.mp4")  # a plain name: Blender gives # { } in names a meaning
    strips = scene.sequence_editor_create().strips
    images = strips.new_image("Pictures", str(pictures[0]), channel=1, frame_start=1)
    for picture in pictures[1:]:
        images.elements.append(picture.name)
    skipped = round(start * FPS)
    strip = strips.new_sound("Speech", str(sound), channel=2, frame_start=1 - skipped)
    strip.sound_offset = skipped / FPS - start  # strips begin on whole frames, sounds need not
    scene.frame_start, scene.frame_end = 1, len(pictures)
    render, encode = scene.render, scene.render.ffmpeg
    render.image_settings.media_type = "VIDEO"
    encode.format, encode.codec, encode.constant_rate_factor = "MPEG4", "H264", "HIGH"
    encode.audio_codec, encode.audio_bitrate = "AAC", 160
    render.use_file_extension, render.filepath = False, str(film)
    bpy.ops.render.render(animation=True, scene=scene.name)
    written = bpy.data.movieclips.load(str(film)).frame_duration  # encoding reports no error when a disk is full
    if written != len(pictures):
        raise RuntimeError(f"only {written} of {len(pictures)} frames are in the film")
    return film


@contextmanager
def _hushed() -> Iterator[None]:
    """Hide standard output: Blender writes a line to it for each frame, from C."""
    sys.stdout.flush()
    kept, nothing = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)


@contextmanager
def _patient() -> Iterator[list[int]]:
    """Collect Ctrl+C instead of raising it: inside Cycles it would end one frame and be forgotten."""
    pending: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield pending
        return
    before = signal.signal(signal.SIGINT, lambda number, _: pending.append(number))
    try:
        yield pending
    finally:
        signal.signal(signal.SIGINT, before)
