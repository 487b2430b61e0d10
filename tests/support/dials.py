# SPDX-License-Identifier: GPL-3.0-or-later
"""Dials of a character: what they stand at, their curves and drivers."""

import numpy as np

JAW = "facewright.slider_jaw"


def settings(who):
    return who.root.facewright


def now(who):
    return np.array([part.block.key_blocks[n].value for part in who.parts for n in part.rig.controls])


def curves_of_dials(root):
    from facewright.addon.blender import actions

    return actions.slot_in_use(root).existing_fcurves


def drive(root, field, expression, **variables):
    """A driver on a dial; variables are (id, data path), or (armature, bone) for its local Y."""
    curve = root.driver_add(f"facewright.{field}")
    for name, (block, place) in variables.items():
        variable = curve.driver.variables.new()
        variable.name, target = name, variable.targets[0]
        if block.type == "ARMATURE":
            variable.type = "TRANSFORMS"
            target = variable.targets[0]
            target.bone_target, target.transform_type, target.transform_space = place, "LOC_Y", "LOCAL_SPACE"
        else:
            target.data_path = place
        target.id = block
    curve.driver.expression = expression
    return curve
