# SPDX-License-Identifier: GPL-3.0-or-later
"""Speech of Festival (https://www.cstr.ed.ac.uk/projects/festival/) with the times of its phones.

All voices are built from recordings of native speakers, most by joining diphones, ``ru`` by joining longer pieces,
``slt`` and ``ca`` by statistics. Foreign phones become the ARPAbet phone with the nearest lips, as in
``synthetic_espeak``.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import soxr

from facewright.inference.core.audio import RATE
from facewright.inference.core.channels import PHONES
from facewright.models.training.corpora.speechocean import Utterance
from facewright.models.training.corpora.synthetic import flite


@dataclass(frozen=True)
class Voice:
    """A voice's name in Festival, its language, the Debian package and the encoding of its texts and phones."""

    name: str
    language: str
    package: str
    encoding: str = "latin-1"


VOICES = {
    "kal": Voice("kal_diphone", "en", "festvox-kallpc16k"),
    "ked": Voice("ked_diphone", "en", "festvox-kdlpc16k"),
    "slt": Voice("cmu_us_slt_arctic_hts", "en", "festvox-us-slt-hts"),
    "lp": Voice("lp_diphone", "it", "festvox-italp16k"),
    "pc": Voice("pc_diphone", "it", "festvox-itapc16k"),
    "nsh": Voice("msu_ru_nsh_clunits", "ru", "festvox-ru", "utf-8"),
    "lj": Voice("suo_fi_lj_diphone", "fi", "festvox-suopuhe-lj"),
    "ph": Voice("czech_ph", "cs", "festvox-czech-ph", "iso-8859-2"),
    "ona": Voice("upc_ca_ona_hts", "ca", "festvox-ca-ona-hts"),
}
_COMMON = {
    "#": "SIL", "##": "SIL", "pau": "SIL", "p": "P", "b": "B", "t": "T", "d": "D", "k": "K", "g": "G", "f": "F",
    "v": "V", "s": "S", "z": "Z", "S": "SH", "Z": "ZH", "h": "HH", "m": "M", "n": "N", "N": "NG", "J": "N", "l": "L",
    "L": "L", "r": "R", "j": "Y", "w": "W", "a": "AA", "e": "EY", "E": "EH", "i": "IY", "o": "OW", "O": "AO",
    "u": "UW", "tS": "CH", "dZ": "JH", "ts": "T S", "dz": "D Z", "T": "TH", "D": "DH",
}  # fmt: skip
_PHONES = {
    "it": {"ng": "NG", "nf": "V"},
    "fi": {"y": "UW", "@": "AE", "7": "UH", "&": "AH"},  # ä, ö, neutral
    "ca": {"ax": "AH", "rr": "R", "uw": "W", "y": "Y", "x": "HH"},
    "cs": {"c": "T S", "c~": "CH", "dz~": "JH", "ch": "HH", "d~": "D", "t~": "T", "n*": "NG", "n~": "N", "s~": "SH",
           "z~": "ZH", "r~": "ZH", "r~*": "SH", "_": "HH"},
    "ru": {"ii": "IY", "yy": "IH", "uu": "UW", "ee": "EH", "oo": "OW", "aa": "AA", "a": "AH", "e": "EH", "i": "IH",
           "y": "IH", "u": "UW", "ae": "AH", "ay": "AH", "ur": "UH", "c": "T S", "ch": "CH", "sh": "SH", "sch": "SH",
           "zh": "ZH"},
}  # fmt: skip


def phones(name: str, language: str) -> list[str]:
    """ARPAbet phones for one of Festival's in a language of ``VOICES``.

    Raises
    ------
    KeyError
        For a phone that has no mapping.
    """
    if language == "en":
        arpabet = flite.phone(name)
        if arpabet in PHONES:
            return [arpabet]
    else:
        table = _COMMON | _PHONES[language]
        long = name.rstrip(":")
        soft = long[: len(long) // 2] if long[: len(long) // 2] * 2 == long else long  # "pp" is a soft Russian p
        for candidate in (long, long.rstrip("0123456789"), soft):  # a digit is stress
            if candidate in table:
                return table[candidate].split()
    raise KeyError(f"Festival said the phone {name!r} in {language!r}, which has no phone of ARPAbet; add it.")


def say(texts: Sequence[str], voice: str = "kal", stretch: float = 1.0) -> list[Utterance]:
    """`texts` said by one of ``VOICES`` in one run of the program; diphones last `stretch` times as long as usual.

    Raises
    ------
    RuntimeError
        When Festival or the voice is not installed or a text cannot be said.
    """
    chosen = VOICES[voice]
    packages = f"festival {chosen.package}"
    if shutil.which("festival") is None:
        raise RuntimeError(f"Expected the program festival, for synthetic speech: apt install {packages}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = [f"(voice_{chosen.name})", f"(Parameter.set 'Duration_Stretch {stretch})"]
        for k, text in enumerate(texts):
            quoted = text.replace("\\", " ").replace('"', " ")
            script.append(f'(set! said (utt.synth (Utterance Text "{quoted}")))')
            script.append(f'(utt.save.wave said "{folder}/{k}.wav" \'riff) (utt.save.segs said "{folder}/{k}.seg")')
        (folder / "say.scm").write_text("\n".join(script), encoding=chosen.encoding)
        done = subprocess.run(["festival", "-b", str(folder / "say.scm")], capture_output=True, check=False)
        if not all((folder / f"{k}.seg").is_file() for k in range(len(texts))):
            raise RuntimeError(
                f"Festival could not say {texts[0][:40]!r} with the voice {chosen.name}; if it is not installed: "
                f"apt install {packages}. It said: {done.stderr.decode(errors='replace')[-300:]}"
            )
        return [_read(folder / str(k), voice) for k in range(len(texts))]


def _read(path: Path, voice: str) -> Utterance:
    """One clip from ``<path>.wav`` and ``<path>.seg``: a heading that ends with "#", then end, colour and phone."""
    import soundfile

    samples, rate = soundfile.read(f"{path}.wav", dtype="float32")
    lines = path.with_suffix(".seg").read_text(encoding=VOICES[voice].encoding).splitlines()
    timed, begin = [], 0.0
    for line in lines[lines.index("#") + 1 :]:
        end, _, name = line.split()
        parts = phones(name, VOICES[voice].language)
        step = (float(end) - begin) / len(parts)
        timed += [(part, begin + k * step, begin + (k + 1) * step) for k, part in enumerate(parts)]
        begin = float(end)
    return Utterance(soxr.resample(samples, rate, RATE).astype("float32"), timed, f"festival_{voice}")
