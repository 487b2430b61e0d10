// SPDX-License-Identifier: GPL-3.0-or-later
// A list of shots for Flamenco 3 (https://flamenco.blender.org/usage/job-types/): put this file into the folder `scripts`
// beside flamenco-manager. Each task makes one part of the list. The list, its sounds and the output lie on storage that
// all workers see, and each has `pip install facewright[batch]`; for .blend files also Blender with facewright, or bpy.

const JOB_TYPE = {
    label: "Facewright Batch",
    description: "Speech to facial animation, from a list of shots",
    settings: [
        { key: "list", type: "string", subtype: "file_path", required: true, description: "The list: .csv, .toml, .jsonl or .otio" },
        { key: "output", type: "string", subtype: "dir_path", required: true, description: "Folder for what is made; done shots in it are kept" },
        { key: "parts", type: "int32", default: 8, description: "Tasks the list is cut into" },
        { key: "workers", type: "int32", default: 4, description: "Processes on each machine" },
        { key: "facewright", type: "string", default: "facewright", visible: "web", description: "The command on the workers, or a variable such as {facewright}" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const parts = Math.max(1, settings.parts);
    for (let part = 1; part <= parts; part++) {
        const task = author.Task(`part-${part}-of-${parts}`, "misc");
        task.addCommand(author.Command("exec", {
            exe: settings.facewright,
            args: [
                "batch", settings.list,
                "--output", settings.output,
                "--part", `${part}/${parts}`,
                "--workers", `${settings.workers}`,
            ],
        }));
        job.addTask(task);
    }
}
