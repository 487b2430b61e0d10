# SPDX-License-Identifier: GPL-3.0-or-later
"""What every kind of list, and every command, must have, over whatever is found in their folders."""

import argparse

import pytest

from facewright.inference.batch import lists
from facewright.inference.batch.columns import COLUMNS
from facewright.inference.cli import commands
from facewright.inference.core.plugins import modules_in

KINDS = modules_in(lists.__name__)
COMMANDS = modules_in(commands.__name__)


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_of_list_says_what_it_reads(name, tmp_path):
    kind = KINDS[name]
    assert kind.ABOUT.startswith(("a ", "an "))
    assert callable(kind.rows)
    assert not kind.reads(tmp_path / "list.unknown")


def test_no_path_is_of_two_kinds(tmp_path):
    for name in ("a.csv", "a.tsv", "a.toml", "a.jsonl", "a.ndjson", "a.otio"):
        assert sum(kind.reads(tmp_path / name) for kind in KINDS.values()) == 1, name
    assert sum(kind.reads(tmp_path) for kind in KINDS.values()) == 1


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_says_what_it_holds(name):
    about, read = COLUMNS[name]
    assert about
    assert callable(read)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_adds_itself_under_its_own_name(name):
    parser = argparse.ArgumentParser()
    added = parser.add_subparsers()
    COMMANDS[name].add(added)
    assert list(added.choices) == [name]
    given = {"info": [], "recipe": ["line.csv"], "style": ["list"]}.get(name, ["in", "-o", "out"])
    assert callable(parser.parse_args([name, *given]).run)
