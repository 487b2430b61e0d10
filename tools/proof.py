# SPDX-License-Identifier: GPL-3.0-or-later
"""Two heads that nobody here made, spoken by a real voice and measured: ``python tools/proof.py [--pictures]``.

Prints the tables of docs/evaluation/proof.md. Wants the heads and the recording in ../shared/data, which are not part
of the repository. Runs with any bpy that facewright supports; ``tools/proof_window.py`` does it in a window.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

import bpy
import numpy as np
import proof_measure as measure
from proof_heads import HEADS, Head, build, load
from scramble_names import LOOKALIKES, SCRAMBLES

import facewright
from facewright.addon.blender import actions
from facewright.addon.blender.timeline import timeline_of
from facewright.addon.character import character
from facewright.addon.preflight import inspection
from facewright.addon.takes import store
from facewright.inference.lips.contacts import shut_on_frames
from facewright.inference.retarget.rig import lines_for

ROOT = Path(__file__).resolve().parent.parent
VOICE = "speech_demo/librivox_austen_0870.wav"
SEEDS = 5
_TELLING = ("jawOpen", "eyeBlinkLeft", "mouthFunnel", "mouthPucker")


def main() -> int:
    """Print every table; render the pictures when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder of the heads")
    parser.add_argument("--pictures", action="store_true", help="render evaluation/proof.jpg in docs/pictures")
    options = parser.parse_args()
    if not options.data.is_dir():
        sys.stderr.write(f"proof: expected the heads and the recording in '{options.data}', which is not there.\n")
        return 1
    heads = {which: load(which, options.data) for which in HEADS}
    facewright.register()
    rows = []
    print(f"Blender {bpy.app.version_string}\n")
    print("| Head | Recognised as | Objects, shape keys | Pre-flight | Baked |\n|---|---|---|---|---|")
    figures = {}
    for which, head in heads.items():
        said = speak(which, head, options.data / VOICE)
        print("| " + " | ".join((head.name, *said.values())) + " |")
        figures[which], moments = measured(head)
        rows += pictures(head, moments) if options.pictures else []
    facewright.unregister()
    print("\n| Measured on the evaluated meshes | " + " | ".join(head.name for head in heads.values()) + " |")
    print("|---|--:|--:|")
    for what in figures["ict"]:
        print(f"| {what} | " + " | ".join(figures[which][what] for which in heads) + " |")
    print("\n| Spelling | " + " | ".join(f"{h.name}, whole | {h.name}, 20 % missing" for h in heads.values()) + " |")
    print("|---" + "|--:" * 2 * len(heads) + "|")
    for how in SCRAMBLES:
        cells = [scrambled(head, how, missing) for head in heads.values() for missing in (0.0, 0.2)]
        print(f"| {how} | " + " | ".join(cells) + " |")
    if rows:
        from proof_pictures import stack

        stack(rows, ROOT / "docs" / "pictures" / "evaluation" / "proof.jpg")
    return 0


def speak(which: str, head: Head, voice: Path) -> dict[str, str]:
    """Build a head in an empty scene, look before, generate and bake as an artist does; what was said of it."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    root = build(head, armature=which == "mpfb")
    root.facewright.filepath = str(voice)
    who = character.find(bpy.context.view_layer.objects.active, scene)
    findings = inspection.inspect(scene, who)
    bpy.ops.facewright.generate(seed=0)
    bpy.ops.facewright.bake()
    blocks = [part.block for part in who.parts]
    keys = sum(len(block.key_blocks) - 1 for block in blocks if hasattr(block, "key_blocks"))
    curves = sum(len(actions.fcurves_of(block)) for block in blocks)
    return {
        "as": who.convention,
        "parts": f"{len(head.parts)} objects, {keys} keys on {len(who.meshes)} of them",
        "preflight": "clean" if not findings else "; ".join(one.text for one in findings),
        "baked": f"{curves} curves, {who.coverage}",
    }


def measured(head: Head) -> tuple[dict[str, str], dict[str, int]]:
    """Figures of the baked head in the scene, and the frames that show most."""
    scene, root = bpy.context.scene, bpy.data.objects[head.name]
    take = store.get(root)
    timeline = timeline_of(scene, 1.0)
    frames = range(1, round(timeline.frame(take.motion.end)))
    points = measure.trajectory(head, frames)
    at = shut_on_frames(take.motion, timeline.seconds(np.array(frames)), 1 / timeline.fps)
    now = [dict(zip(take.motion.channels, row.tolist(), strict=True)) for row in at]
    off = [np.abs(seen - measure.wanted(head, row)).max() for seen, row in zip(points, now, strict=True)]
    parting = 1000 * measure.parting(head, points)
    jaw, lids, funnel, pucker = at[:, [take.motion.channels.index(name) for name in _TELLING]].T
    tongue = "Tongue" if "Tongue" in head.parts else "Gums and Tongue"
    figures = {
        "Frames, vertices": f"{len(frames)}, {len(head.points):,}",
        "Largest distance of any vertex from where the take puts it, mm": f"{1000 * max(off):.3f}",
        "Lips parted at the widest, mm": f"{parting.max():.1f}",
        "Lips at the closest, against rest, mm": f"{parting.min():+.2f}",
        "Lower teeth follow the jaw, r": f"{measure.follows(head, points, 'Lower Teeth', jaw):.3f}",
        "Tongue (of ICT, with the gums) follows the jaw, r": f"{measure.follows(head, points, tongue, jaw):.3f}",
        "Lower teeth down at the most, mm": f"{1000 * measure.drop(head, points, 'Lower Teeth').max():.1f}",
        "Tongue down at the most, mm": f"{1000 * measure.drop(head, points, tongue).max():.1f}",
        "Upper teeth moved at the most, mm": f"{1000 * _moved(head, points, 'Upper Teeth'):.1f}",
    }
    best = {
        "closed": (parting + 100 * lids).argmin(),  # with open eyes
        "open": parting.argmax(),
        "rounded": (funnel + pucker).argmax(),
        "blink": lids.argmax(),
    }
    return figures, {what: frames[int(index)] for what, index in best.items()}


def _moved(head: Head, points: np.ndarray, part: str) -> float:
    which = measure.numbers(head, part)
    return float(np.linalg.norm(points[:, which] - head.points[which], axis=2).max())


def pictures(head: Head, moments: dict[str, int]) -> list:
    """Two rows of pictures: the face, and its mouth."""
    from proof_pictures import stage, strip

    stage()
    for frame in moments.values():
        print(json.dumps({head.name: frame}), file=sys.stderr)
    return [strip(moments, view, head.name) for view in ("face", "mouth")]


def scrambled(head: Head, how: str, missing: float) -> str:
    """How many shapes, spelled another way, move by the same channels as under their own names; over some seeds."""
    meant = _moved_by(list(head.shapes))
    right = wrong = names = 0
    for seed in range(SEEDS):
        random_ = random.Random(f"{head.name} {how} {missing} {seed}")
        kept = [name for name in meant if random_.random() >= missing]
        spelled = {SCRAMBLES[how](name, random_): name for name in kept}
        mixed = [*spelled, *LOOKALIKES]
        random_.shuffle(mixed)
        moved = _moved_by(mixed)
        right += sum(moved.get(new) == meant[old] for new, old in spelled.items())
        wrong += sum(new not in spelled or moved[new].keys() != meant[spelled[new]].keys() for new in moved)
        names += len(spelled)
    return f"{right} of {names} ({right / names:.1%})" + (f", {wrong} wrong" if wrong else "")


def _moved_by(names: list[str]) -> dict[str, dict[str, float]]:
    """Name to its channels and gains, lines at rest included."""
    found: dict[str, dict[str, float]] = {}
    for line in lines_for([["Basis", *names]])[0]:
        found.setdefault(line.target, {})[line.channel] = line.gain
    return found


if __name__ == "__main__":
    sys.exit(main())
