# SPDX-License-Identifier: GPL-3.0-or-later
"""The names of everything that moves, in the order every array of this project uses.

The first 61 are the columns of a Live Link Face recording (Epic Games,
https://dev.epicgames.com/documentation/en-us/unreal-engine/recording-face-animation-on-ios-device-in-unreal-engine):
52 ARKit blendshapes in [0, 1], then nine rotations in radians. The last 15 are the Oculus visemes
(https://developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference/) in [0, 1].
"""

ARKIT: tuple[str, ...] = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight", "jawForward", "jawRight", "jawLeft", "jawOpen", "mouthClose", "mouthFunnel",
    "mouthPucker", "mouthRight", "mouthLeft", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft",
    "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft",
    "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut",
)  # fmt: skip

MOUTH: tuple[str, ...] = tuple(name for name in ARKIT if name.startswith(("jaw", "mouth")))

# Turned as Live Link Face turns the eyes: positive yaw looks to the character's own right, positive pitch down,
# positive roll tilts the top of the head towards the character's own right shoulder.
HEAD: tuple[str, ...] = ("headYaw", "headPitch", "headRoll")
EYES: tuple[str, ...] = (
    "leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch", "rightEyeRoll",
)  # fmt: skip

LIVE_LINK: tuple[str, ...] = ARKIT + HEAD + EYES

VISEMES: tuple[str, ...] = (
    "viseme_sil", "viseme_PP", "viseme_FF", "viseme_TH", "viseme_DD", "viseme_kk", "viseme_CH", "viseme_SS",
    "viseme_nn", "viseme_RR", "viseme_aa", "viseme_E", "viseme_I", "viseme_O", "viseme_U",
)  # fmt: skip

CHANNELS: tuple[str, ...] = LIVE_LINK + VISEMES

# ARPAbet without stress marks, then silence: the columns of the encoder's phoneme posteriors.
PHONES: tuple[str, ...] = (
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY", "JH",
    "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y", "Z", "ZH",
    "SIL",
)  # fmt: skip
BILABIALS: tuple[str, ...] = ("M", "B", "P")  # the phonemes on which both lips meet


def mirrored(name: str) -> str:
    """Name of the channel on the other side of the face; the name itself for channels in the middle."""
    for side, other in (("Left", "Right"), ("Right", "Left"), ("left", "right"), ("right", "left")):
        if side in name:
            return name.replace(side, other)
    return name
