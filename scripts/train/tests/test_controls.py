"""A control changes what it says and nothing else."""

import hashlib
import json

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from jepilot_train.controls import CONTROLS, make
from jepilot_train.errors import TrainError

WEIGHT = np.array([[1.0, 2.0], [3.0, 4.0]], np.float32)


def graph(name, inputs, nodes, output):
    tensors = [helper.make_tensor_value_info(i, TensorProto.FLOAT, ["N", 2]) for i in inputs]
    made = helper.make_graph(nodes, name, tensors, [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["N", 2])],
                             [numpy_helper.from_array(WEIGHT, "weight")])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


@pytest.fixture
def folder(tmp_path):
    """next = latent + action @ weight; embedding = latent @ weight."""
    step = graph("step", ["latent", "action"], [helper.make_node("MatMul", ["action", "weight"], ["move"]),
                                                helper.make_node("Add", ["latent", "move"], ["next"])], "next")
    metric = graph("metric", ["latent"], [helper.make_node("MatMul", ["latent", "weight"], ["embedding"])], "embedding")
    source = tmp_path / "source"
    source.mkdir()
    entries = {}
    for name, model in (("step", step), ("metric", metric)):
        onnx.save(model, source / f"{name}.onnx")
        entries[name] = {"file": f"{name}.onnx", "sha256": sha(source / f"{name}.onnx")}
    manifest = {"name": "toy", "description": "A toy.", "graphs": entries, "calibration": {}}
    (source / "manifest.json").write_text(json.dumps(manifest))
    return source


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def run(path, **inputs):
    return onnxruntime.InferenceSession(path).run(None, {k: np.asarray(v, np.float32) for k, v in inputs.items()})[0]


def test_the_identity_control_never_moves(folder, tmp_path):
    make(folder, "identity", tmp_path / "out")
    assert np.array_equal(run(tmp_path / "out/step.onnx", latent=[[1, 2]], action=[[5, 6]]), [[1, 2]])


def test_the_shuffled_control_gives_each_candidate_its_neighbours_actions(folder, tmp_path):
    make(folder, "shuffled-actions", tmp_path / "out")
    latent, action = np.zeros((3, 2)), np.array([[1, 0], [0, 1], [2, 0]])
    expected = run(folder / "step.onnx", latent=latent, action=np.roll(action, -1, 0))
    assert np.array_equal(run(tmp_path / "out/step.onnx", latent=latent, action=action), expected)


def test_the_untrained_head_keeps_its_weights_but_not_their_places(folder, tmp_path):
    make(folder, "untrained-metric", tmp_path / "out")
    (weight,) = onnx.load(tmp_path / "out/metric.onnx").graph.initializer
    value = numpy_helper.to_array(weight)
    assert sorted(value.ravel()) == sorted(WEIGHT.ravel()) and not np.array_equal(value, WEIGHT)


@pytest.mark.parametrize("control", CONTROLS)
def test_the_manifest_fits_the_files_and_says_what_they_are(control, folder, tmp_path):
    make(folder, control, tmp_path / "out")
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["name"] == f"toy-{control}" and "comparison only" in manifest["description"]
    assert "calibration" not in manifest
    for entry in manifest["graphs"].values():
        assert entry["sha256"] == sha(tmp_path / "out" / entry["file"])


def test_a_folder_without_what_the_control_changes_is_refused(folder, tmp_path):
    with pytest.raises(TrainError, match="no manifest"):
        make(tmp_path, "identity", tmp_path / "out")
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["graphs"]["metric"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(TrainError, match="lacks"):
        make(folder, "untrained-metric", tmp_path / "out")
