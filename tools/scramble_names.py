# SPDX-License-Identifier: GPL-3.0-or-later
"""How many controls are matched right under other names; prints the tables of docs/evaluation/names.md.

Every convention is spelled in other ways, a fifth of it is taken away, letters are mistyped, and names that look alike
and mean something else are mixed in. A control is right when exactly the channels of its convention move it, wrong when
any other does; a look-alike that moves at all is wrong.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from facewright.inference.retarget.convention import SHAPE_KEY, Convention, conventions
from facewright.inference.retarget.rig import lines_for

LOOKALIKES = (
    "mouthSmileWideLeft", "browInnerDown", "jawOpenWide", "eyeLookAround", "upperJawOpen", "fix_jawOpen", "mouthHappy",
    "mouthUpperDownLeft", "tongueCurl", "earWiggleLeft", "noseFlareRight", "lipBiteLower", "jawOpen_mouthClose",
    "breathe", "eyeBlinkInner_L", "MouthCornerUp_R", "browUpDownLeft", "cheekPull_R",
)  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """Counts over the names of a character."""

    names: int
    right: int
    wrong: tuple[str, ...]

    @property
    def unmatched(self) -> int:
        """Controls that were left alone."""
        return self.names - self.right - sum(name not in LOOKALIKES for name in self.wrong)


def sided(name: str, left: str, right: str) -> str:
    """The name with its sides (Left, _L, .L, a capital at the end) written another way."""
    for pattern, text in ((r"(Left|[_.]L|(?<=[a-z])L)$", left), (r"(Right|[_.]R|(?<=[a-z])R)$", right)):
        if re.search(pattern, name):
            return re.sub(pattern, text, name)
    return name


def snake(name: str) -> str:
    """Lower case with underscores."""
    return re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()


def mistyped(name: str, random_: random.Random) -> str:
    """One slip of the finger in the longest word: two letters swapped, one left out, or one twice."""
    words = [m for m in re.finditer(r"[A-Za-z][a-z]{3,}", name) if m.group() not in ("Left", "Right", "expressions")]
    if not words:
        return name
    word = max(words, key=lambda m: len(m.group()))
    at = random_.randrange(word.start() + 1, word.end() - 1)
    a, b = name[at], name[at + 1]
    return name[:at] + random_.choice((b + a, a, a + a + b)) + name[at + 2 :]


SCRAMBLES: dict[str, Callable[[str, random.Random], str]] = {
    "as its makers spell it": lambda n, _: n,
    "snake_case": lambda n, _: snake(n),
    "UPPER_CASE": lambda n, _: snake(n).upper(),
    "prefix `Grandma2_`": lambda n, _: f"Grandma2_{n}",
    "prefix `Head:blendShape1.`": lambda n, _: f"Head:blendShape1.{n}",
    "suffix `_bs.001`": lambda n, _: f"{n}_bs.001",
    "Japanese `顔_..._左`": lambda n, _: "顔_" + sided(n, "_左", "_右"),
    "a third mistyped": lambda n, r: mistyped(n, r) if r.random() < 1 / 3 else n,
    "prefix, side and case": lambda n, _: "CHAR01_" + snake(sided(n, "_l", "_r")) + "_geo",
}


def scramble(convention: Convention, how: str, missing: float, seed: int = 0) -> Outcome:
    """Spell a convention another way, leave out a part, add look-alikes, and count."""
    random_ = random.Random(f"{convention.key} {how} {missing} {seed}")
    targets = [t for t in convention.targets if t.kind == SHAPE_KEY and not t.extra]
    kept = [target for target in targets if random_.random() >= missing]
    names = {SCRAMBLES[how](target.name, random_): target for target in kept}
    mixed = [*names, *LOOKALIKES]
    random_.shuffle(mixed)
    moved: dict[str, dict[str, float]] = {}
    for line in lines_for([["Basis", *mixed]])[0]:
        moved.setdefault(line.target, {})[line.channel] = line.gain
    right = sum(moved.get(name) == dict(target.weights) for name, target in names.items())
    wrong = [name for name in moved if name not in names or moved[name] != dict(names[name].weights)]
    return Outcome(len(names), right, tuple(wrong))


def main() -> None:
    """Print one line for each spelling, summed over all conventions, then one for each convention."""
    every = [one for one in conventions() if any(target.kind == SHAPE_KEY for target in one.targets)]
    print("| Spelling | Nothing missing | 20 % missing | Wrong |")
    print("|---|--:|--:|--:|")
    wrong: list[str] = []
    for how in SCRAMBLES:
        whole = [scramble(convention, how, 0.0) for convention in every]
        part = [scramble(convention, how, 0.2) for convention in every]
        wrong += [f"{how}: {name}" for one in (*whole, *part) for name in one.wrong]
        print(f"| {how} | {ratio(whole)} | {ratio(part)} | {sum(len(one.wrong) for one in (*whole, *part))} |")
    print("\n| Convention | Right | Left alone | Wrong |")
    print("|---|--:|--:|--:|")
    for convention in every:
        all_ = [scramble(convention, how, missing) for how in SCRAMBLES for missing in (0.0, 0.2)]
        left = sum(one.unmatched for one in all_)
        print(f"| {convention.name} | {ratio(all_)} | {left} | {sum(len(one.wrong) for one in all_)} |")
    print("\n" + ("\n".join(wrong) or "No name was matched wrong."))


def ratio(outcomes: list[Outcome]) -> str:
    """Such as "812 of 820 (99.0 %)"."""
    right, names = sum(one.right for one in outcomes), sum(one.names for one in outcomes)
    return f"{right} of {names} ({right / names:.1%})"


if __name__ == "__main__":
    main()
