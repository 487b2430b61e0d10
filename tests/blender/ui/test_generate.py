# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate by script: real speech through the real worker, and every way in which it can be refused."""

import os
import shutil
import signal
import threading
import time

import bpy
import numpy as np
import pytest
from support.characters import error_of, fingerprint, strips, top, value

from facewright.addon.takes import store
from facewright.addon.ui.takes import generate
from facewright.addon.worker import process as worker_client
from facewright.inference import Audio
from facewright.inference.audio.decode import load_audio
from facewright.inference.core.channels import ARKIT, VISEMES
from facewright.inference.pipeline.animate import animate


def take_of(obj):
    return store.get(obj.parent or obj)


def test_generate_and_bake_by_script(face, scene, speech):
    assert bpy.ops.facewright.generate(filepath=str(speech), seed=3, frame=11) == {"FINISHED"}
    assert bpy.ops.facewright.bake() == {"FINISHED"}
    heights = []
    for frame in range(1, 110):
        scene.frame_set(frame)
        heights.append(top(face))
    assert np.ptp(heights, axis=0).max() > 0.05
    assert np.ptp(heights[:4], axis=0).max() == 0  # nothing moves until a quarter of a second before the sound begins
    settings = face.parent.facewright
    assert (settings.filepath, settings.frame, settings.seed, settings.source) == (str(speech), 11.0, 3, "FILE")


def test_the_take_is_what_the_package_infers(face, speech):
    bpy.ops.facewright.generate(filepath=str(speech), seed=5)
    expected = animate(load_audio(speech), fps=50.0, seed=5)
    motion = take_of(face).motion
    assert motion.channels == expected.channels
    np.testing.assert_allclose(motion.values, expected.values, atol=1e-5)


def test_settings_of_the_character_are_used_when_nothing_is_given(face, speech):
    settings = face.parent.facewright
    settings.filepath, settings.frame, settings.seed = str(speech), 7.5, 9
    assert bpy.ops.facewright.generate() == {"FINISHED"}
    take = take_of(face)
    assert (take.speech.path, take.speech.frame, take.seed) == (str(speech), 7.5, 9)


def test_a_seed_gives_its_take_again_and_another_gives_another(face, speech):
    curves = []
    for seed in (1, 2, 1):
        bpy.ops.facewright.generate(filepath=str(speech), seed=seed)
        curves.append(take_of(face).motion.values)
    assert np.array_equal(curves[0], curves[2])
    assert not np.array_equal(curves[0], curves[1])


@pytest.mark.parametrize(
    "name", ["two words.wav", "naïve façade.wav", "речь героя.wav", "声.wav", 'it\'s "quoted".wav']
)
def test_paths_with_spaces_accents_and_other_scripts(face, speech, tmp_path, name):
    folder = tmp_path / "Папка é"
    folder.mkdir()
    shutil.copy(speech, folder / name)
    assert bpy.ops.facewright.generate(filepath=str(folder / name)) == {"FINISHED"}
    assert bpy.ops.facewright.bake() == {"FINISHED"}


def test_a_path_relative_to_the_blend_file(face, speech, tmp_path):
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    shutil.copy(speech, tmp_path / "line.wav")
    assert bpy.ops.facewright.generate(filepath="//line.wav") == {"FINISHED"}
    assert bpy.data.objects["Bob"].facewright.filepath == "//line.wav"


def test_a_character_of_visemes_speaks_too(make_mesh, scene, speech):
    obj = make_mesh("Vera", VISEMES)
    bpy.ops.facewright.generate(filepath=str(speech))
    bpy.ops.facewright.bake()
    motion = take_of(obj).motion.select(VISEMES)
    for frame in range(1, 60, 7):
        scene.frame_set(frame)
        expected = motion.at([(frame - 1) / 24])[0]
        np.testing.assert_allclose([value(obj, name) for name in VISEMES], expected, atol=1e-6)


def test_visemes_stay_at_rest_where_arkit_moves_the_mouth(make_mesh, scene, speech):
    obj = make_mesh("Ann", [*ARKIT, *VISEMES])
    bpy.ops.facewright.generate(filepath=str(speech))
    scene.frame_set(30)
    assert [value(obj, name) for name in VISEMES] == [0.0] * 15
    assert max(value(obj, name) for name in ARKIT) > 0


def write_bad(kind, path, speech):
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("this is not a sound")
    elif kind == "cut":
        path.write_bytes(speech.read_bytes()[:30])
    elif kind == "folder":
        path.mkdir()
    elif kind == "picture":
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))


@pytest.mark.parametrize("kind", ["empty", "text", "cut", "folder", "picture", "missing"])
def test_a_bad_sound_is_named_and_changes_nothing(face, scene, speech, tmp_path, kind):
    path = tmp_path / f"bad {kind}.wav"
    write_bad(kind, path, speech)
    bpy.ops.facewright.generate(filepath=str(speech), seed=1)
    before, take = fingerprint(scene), take_of(face)
    message = error_of(bpy.ops.facewright.generate, filepath=str(path), seed=2)
    assert path.name in message
    assert fingerprint(scene) == before
    assert take_of(face) is take
    assert bpy.ops.facewright.generate(filepath=str(speech)) == {"FINISHED"}


def test_no_sound_chosen_says_where_to_choose(face, scene):
    before = fingerprint(scene)
    assert "Pick a sound file" in error_of(bpy.ops.facewright.generate)
    assert fingerprint(scene) == before


def test_no_character_says_what_to_do(scene, make_mesh, speech):
    with pytest.raises(RuntimeError, match="Click a character first"):
        bpy.ops.facewright.generate(filepath=str(speech))
    make_mesh("box", [])
    assert "have no shape keys" in error_of(bpy.ops.facewright.generate, filepath=str(speech))
    assert strips(scene) == []


def test_a_worker_killed_in_the_middle_gives_a_message_and_the_next_works(face, scene, speech, five_minutes):
    bpy.ops.facewright.generate(filepath=str(speech), seed=1)
    before = fingerprint(scene)
    job = generate.prepare(scene, face, path=str(five_minutes)).job()
    while job.fraction == 0.0:
        assert not job.poll(wait=0.01)
    killer = threading.Timer(0.0, os.kill, (worker_client.running().child.process.pid, signal.SIGTERM))
    killer.start()
    with pytest.raises(worker_client.WorkerError, match=r"stopped before it was done .*Press Generate"):
        while not job.poll(wait=0.1):
            pass
    killer.join()
    assert fingerprint(scene) == before
    assert bpy.ops.facewright.generate(filepath=str(speech), seed=1) == {"FINISHED"}


def test_a_worker_that_died_while_idle_is_replaced_without_a_word(face, speech):
    bpy.ops.facewright.generate(filepath=str(speech))
    first = worker_client.running().child.process
    first.kill()
    first.wait()
    assert bpy.ops.facewright.generate(filepath=str(speech)) == {"FINISHED"}
    assert worker_client.running().child.process.pid != first.pid


def test_cancel_kills_and_starts_afresh(face, scene, speech, five_minutes):
    bpy.ops.facewright.generate(filepath=str(speech))
    first = worker_client.running().child.process
    before = fingerprint(scene)
    job = generate.prepare(scene, face, path=str(five_minutes)).job()
    while job.fraction == 0.0:
        job.poll(wait=0.01)
    job.cancel()
    assert first.poll() is not None
    assert fingerprint(scene) == before
    assert bpy.ops.facewright.generate(filepath=str(speech)) == {"FINISHED"}


def test_a_worker_that_cannot_be_started_says_so(face, scene, speech, monkeypatch, tmp_path):
    worker_client.stop()
    monkeypatch.setattr(worker_client, "ROOT", tmp_path)  # no package there
    before = fingerprint(scene)
    message = error_of(bpy.ops.facewright.generate, filepath=str(speech))
    assert "No module named" in message
    assert fingerprint(scene) == before
    monkeypatch.undo()
    assert bpy.ops.facewright.generate(filepath=str(speech)) == {"FINISHED"}


def test_the_character_deleted_meanwhile(face, scene, speech):
    request = generate.prepare(scene, face, path=str(speech))
    job = request.job()
    for obj in list(scene.objects):
        bpy.data.objects.remove(obj)
    while not job.poll(wait=0.1):
        pass
    with pytest.raises(worker_client.FacewrightError, match="character was deleted"):
        generate.finish(request, job)
    assert strips(scene) == []


def test_generate_is_one_undo_step(face, scene, speech):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.facewright.generate("EXEC_DEFAULT", True, filepath=str(speech), seed=4)
    assert bpy.data.objects["Bob"].facewright.seed == 4
    bpy.ops.ed.undo()
    settings = bpy.data.objects["Bob"].facewright
    assert (settings.seed, settings.filepath) == (0, "")
    assert bpy.context.scene.sync_mode != "AUDIO_SYNC"


@pytest.fixture(scope="module")
def five_minutes(speech, tmp_path_factory):
    """Five minutes: long enough to be interrupted in the middle."""
    import soundfile

    path = tmp_path_factory.mktemp("long") / "long.wav"
    samples = load_audio(speech).samples
    sound = Audio(np.resize(samples, 300 * 16000))
    soundfile.write(path, sound.samples, 16000)
    return path


def test_nothing_runs_after_the_worker_is_stopped(face, speech):
    bpy.ops.facewright.generate(filepath=str(speech))
    process = worker_client.running().child.process
    worker_client.stop()
    assert process.poll() is not None
    time.sleep(0.1)
    assert not [thread for thread in threading.enumerate() if thread.name == "facewright"]
