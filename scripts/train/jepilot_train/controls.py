"""`jepilot-controls MODEL --control NAME --out FOLDER`: a model with one part made useless, to see what that part is worth.

A planner that still succeeds with such a model never needed the part. The controls:

- identity: the predictor says that nothing ever changes.
- shuffled-actions: each candidate is imagined with the actions of its neighbour in the population.
- untrained-metric: the entries of each weight of the metric head permuted: same statistics, nothing learned.
"""

import argparse
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import helper, numpy_helper

from .data import file_sha256
from .errors import TrainError


def identity(model: onnx.ModelProto) -> None:
    """next = latent; the action stays an input that nothing reads."""
    graph = model.graph
    nodes = [helper.make_node("Identity", [graph.input[0].name], [graph.output[0].name])]
    del graph.node[:], graph.initializer[:], graph.value_info[:]
    graph.node.extend(nodes)


def shuffled_actions(model: onnx.ModelProto) -> None:
    """Rolls the actions [N,A] by one row before anything reads them."""
    graph, name = model.graph, model.graph.input[1].name
    for node in graph.node:
        node.input[:] = ["neighbour" if i == name else i for i in node.input]
    ends = {"roll.zero": [0], "roll.one": [1], "roll.last": [np.iinfo(np.int64).max]}
    graph.initializer.extend(numpy_helper.from_array(np.array(v, np.int64), k) for k, v in ends.items())
    nodes = [helper.make_node("Slice", [name, "roll.one", "roll.last", "roll.zero"], ["roll.rest"]),
             helper.make_node("Slice", [name, "roll.zero", "roll.one", "roll.zero"], ["roll.first"]),
             helper.make_node("Concat", ["roll.rest", "roll.first"], ["neighbour"], axis=0), *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def untrained(model: onnx.ModelProto) -> None:
    """Permutes the entries of every weight matrix."""
    rng = np.random.default_rng(0)
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.ndim > 1:
            tensor.CopyFrom(numpy_helper.from_array(rng.permutation(value.ravel()).reshape(value.shape), tensor.name))


CONTROLS = {"identity": (("step",), identity), "shuffled-actions": (("step",), shuffled_actions),
            "untrained-metric": (("metric", "metricGoal"), untrained)}


def make(source: Path, control: str, out: Path) -> None:
    """Copies the model folder `source` to `out` with the graphs of the control changed, checksums to match.

    The golden vectors and the calibration speak of the model as it was, so the manifest drops the latter and says
    in its name and description what the folder is.
    """
    roles, change = CONTROLS[control]
    path = source / "manifest.json"
    if not path.exists():
        raise TrainError(f"{source}: expected a model folder, found no manifest.json")
    manifest = json.loads(path.read_text())
    graphs = [manifest["graphs"][role] for role in roles if role in manifest["graphs"]]
    if not graphs:
        raise TrainError(f"{source}: control '{control}' changes the graph {roles[0]}, which this model lacks")
    shutil.copytree(source, out, dirs_exist_ok=True)
    for entry in graphs:
        model = onnx.load(source / entry["file"])
        change(model)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, out / entry["file"])
        entry["sha256"] = file_sha256(out / entry["file"])
    manifest.pop("calibration", None)
    manifest["name"] += f"-{control}"
    manifest["description"] = f"Control '{control}', good for comparison only: {manifest['description']}"
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def main() -> None:
    p = argparse.ArgumentParser(prog="jepilot-controls", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("model", type=Path, help="model folder")
    p.add_argument("--control", choices=CONTROLS, required=True)
    p.add_argument("--out", type=Path, required=True, help="model folder to write")
    options = p.parse_args()
    try:
        make(options.model, options.control, options.out)
    except TrainError as error:
        sys.exit(f"jepilot-controls: {error}")


if __name__ == "__main__":
    main()
