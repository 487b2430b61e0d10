# SPDX-License-Identifier: GPL-3.0-or-later
"""The job types for farms: what they ask of a machine is what the command line understands, and all of the list."""

import json
import shutil

import pytest
import yaml
from support.command_line import facewright
from support.paths import ROOT

FARMS = ROOT / "farms"
PARTS = 3


def openjd_tasks(values):
    """The command lines of an Open Job Description's tasks, as its own library resolves them."""
    model = pytest.importorskip("openjd.model")
    template = yaml.safe_load((FARMS / "facewright-batch.openjd.yaml").read_text(encoding="utf-8"))
    decoded = model.decode_job_template(template=template)
    given = {**values, "Parts": str(PARTS), "Workers": "1"}
    typed = {
        one.name: model.ParameterValue(type=model.ParameterValueType(one.type), value=given.get(one.name, one.default))
        for one in decoded.parameterDefinitions
    }
    (step,) = model.create_job(job_template=decoded, job_parameter_values=typed).steps
    run = step.script.actions.onRun
    for parameters in model.StepParameterSpaceIterator(space=step.parameterSpace):
        symbols = model.SymbolTable()
        for name, one in typed.items():
            symbols[f"Param.{name}"] = one.value
        symbols["Task.Param.Part"] = parameters["Part"].value
        yield [run.command.resolve(symtab=symbols), *(word.resolve(symtab=symbols) for word in run.args)]


def flamenco_tasks(values):
    """The command lines of the Flamenco job type, run by a JavaScript engine with a note pad for an author."""
    quickjs = pytest.importorskip("quickjs")
    context = quickjs.Context()
    context.eval(
        "const noted = [];"
        "const author = {"
        "  Task: (name, type) => ({name, type, commands: [], addCommand(one) { this.commands.push(one); }}),"
        "  Command: (name, given) => ({name, given}),"
        "};"
        "const job = {addTask(task) { noted.push(task); }};"
    )
    context.eval((FARMS / "facewright-batch.js").read_text(encoding="utf-8"))
    settings = {one["key"]: one.get("default") for one in json.loads(context.eval("JSON.stringify(JOB_TYPE.settings)"))}
    settings |= {"list": values["List"], "output": values["Output"], "parts": PARTS, "workers": 1}
    context.eval(f"job.settings = {json.dumps(settings)}; compileJob(job);")
    for task in json.loads(context.eval("JSON.stringify(noted)")):
        (command,) = task["commands"]
        assert (task["type"], command["name"]) == ("misc", "exec")
        yield [command["given"]["exe"], *command["given"]["args"]]


@pytest.mark.parametrize("tasks", [openjd_tasks, flamenco_tasks])
def test_the_tasks_of_a_farm_make_the_whole_list_once(tasks, lines, tmp_path):
    path = shutil.copy(lines / "line0.wav", tmp_path / "line.wav").with_name("list.csv")
    path.write_text("name,sound,seed,make\n" + "".join(f"shot{k},line.wav,{k},npz\n" for k in range(4)))
    commands = list(tasks({"List": str(path), "Output": str(tmp_path / "out")}))
    assert [command[0] for command in commands] == ["facewright"] * PARTS
    for command in commands:
        done = facewright(*command[1:])
        assert done.returncode == 0, done.stderr
    assert sorted(one.name for one in (tmp_path / "out").glob("*.npz")) == [f"shot{k}.npz" for k in range(4)]
    reports = [json.loads(one.read_text()) for one in (tmp_path / "out").glob("report-*.json")]
    assert sorted(shot["name"] for report in reports for shot in report["shots"]) == [f"shot{k}" for k in range(4)]
    assert sum(report["made"] for report in reports) == 4
