# SPDX-License-Identifier: GPL-3.0-or-later
"""What every measure of the evaluation promises: it says what it needs, which figures it has, where it is printed."""

import inspect
from pathlib import Path

import pytest

from facewright.models.training.evaluation import measures as folder
from facewright.models.training.evaluation.measures import measures
from facewright.models.training.evaluation.table import Column

FOUND = measures()
FOLDER = Path(folder.__file__).parent


def test_they_are_found_in_the_order_in_which_they_are_printed():
    assert {"mouth", "vertices", "timing", "closures", "silence", "speed", "style", "sliders"} <= set(FOUND)
    orders = [measure.ORDER for measure in FOUND.values()]
    assert orders == sorted(orders)


def test_every_file_is_one_and_has_a_name_of_its_own():
    assert sorted(FOUND) == sorted(path.stem for path in FOLDER.glob("*/[!_]*.py"))


@pytest.mark.parametrize("name", FOUND)
class TestEveryMeasure:
    def test_declares_what_it_is(self, name):
        measure = FOUND[name]
        assert isinstance(measure.ORDER, int) and isinstance(measure.PEER, bool)
        assert measure.__doc__, "what it measures"
        assert list(inspect.signature(measure.measure).parameters) == ["bench"]
        if hasattr(measure, "plot"):
            assert list(inspect.signature(measure.plot).parameters) == ["bench", "folder"]

    def test_needs_data_sets_by_name(self, name):
        needs = FOUND[name].NEEDS
        assert isinstance(needs, tuple) and needs and all(isinstance(need, str) for need in needs)

    def test_needs_are_names_of_the_data_sets_we_have(self, name, shared):
        assert all((shared / need).exists() for need in FOUND[name].NEEDS)

    def test_has_figures_that_print_and_say_how_they_were_taken(self, name):
        columns = FOUND[name].COLUMNS
        assert columns and all(isinstance(column, Column) for column in columns)
        for column in columns:
            assert column.title and column.how and column.cell(0.5)

    def test_does_not_know_another_measure(self, name):
        others = {other.__name__ for other in FOUND.values()} - {FOUND[name].__name__}
        values = vars(FOUND[name]).values()
        assert not others & {getattr(value, "__module__", None) or getattr(value, "__name__", None) for value in values}


def test_a_measure_whose_data_are_missing_says_which(shared, tmp_path):
    from facewright.models.training.evaluation.recordings import NotMeasured, Recordings

    (tmp_path / "head_ict_facekit.npz").symlink_to(shared / "head_ict_facekit.npz")
    recordings = Recordings(tmp_path, tmp_path)
    for measure in FOUND.values():
        with pytest.raises(NotMeasured, match=measure.NEEDS[0]):
            recordings.require(measure.NEEDS)
