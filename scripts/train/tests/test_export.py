import base64
import json

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from jepilot_train import diagnostics, jepa, parity
from jepilot_train.data import file_sha256
from jepilot_train.errors import TrainError
from jepilot_train.export import Trained, export
from jepilot_train.graphs import Graphs
from jepilot_train.heldout import HeldOut
from jepilot_train.stages import run_stages

KINDS = {
    "embedding": (),
    "directed": ("metric.directed=true", "history.frames=2"),
    "pair": ("metric.kind=pair", "encoder.coordinates=false"),
    "full": ("metric.kind=product", "metric.goal_hidden=[48]", "prior.enabled=true", "prior.hidden=[16]", "prior.steps=10",
             "ensemble.members=3", "ensemble.hidden=[8]", "ensemble.steps=10", "gradient.enabled=true", "data.held_out=0.4",
             'planning.objective={kind="weighted",terms=[[1.0,{kind="metric",over="sum"}],[0.1,{kind="disagreement"}]]}'),
    "none": ("metric.kind=none", 'planning.objective={kind="latent",over="terminal"}', "probe.enabled=false"),
}
GRAPHS = {"embedding": {"metric"}, "directed": {"metric", "metricGoal"}, "pair": {"metric"}, "none": set(),
          "full": {"metric", "metricGoal", "prior", "ensemble", "gradient"}}


@pytest.fixture(scope="module", params=KINDS)
def folder(request, episodes, tmp_path_factory):
    """A model folder of each kind, made by the whole pipeline."""
    from conftest import TINY
    from jepilot_train import config
    from jepilot_train.run import prepare

    base = tmp_path_factory.mktemp(request.param)
    (base / "dot.toml").write_text(TINY)
    settings = config.load(base / "dot.toml", list(KINDS[request.param]))
    run = prepare(settings, episodes, 0, torch.device("cpu"), base / "work")
    run_stages(run, "all", base / "out", ["dot.toml", "--data", str(base / "dot.h5"), "--out", "out"])
    return request.param, run, base / "out"


def manifest_of(out):
    return json.loads((out / "manifest.json").read_text())


def graphs_of(out):
    content = manifest_of(out)
    product = content["metric"] is not None and content["metric"]["kind"] == "product"
    return Graphs({name: out / entry["file"] for name, entry in content["graphs"].items()}, product)


def test_the_folder_is_whole(folder):
    kind, run, out = folder
    content = manifest_of(out)
    assert set(content["graphs"]) == {"encoder", "step"} | GRAPHS[kind] | (set() if kind == "none" else {"probe"})
    for entry in (*content["graphs"].values(), content["golden"]):
        assert file_sha256(out / entry["file"]) == entry["sha256"]
    assert content["format"] == "jepilot-model/1" and content["latentDim"] == 8
    assert content["action"]["dim"] == 2 and content["action"]["repeat"] == 2 and len(content["action"]["mean"]) == 2
    assert (content["metric"] is None) == (kind == "none")
    assert all(diagnostics.meaning(name) for name in content["diagnostics"])
    assert content["provenance"]["data"]["steps"] == len(run.data.pixels)
    assert " /" not in content["provenance"]["command"]  # paths of one machine say nothing on another
    assert {p.name for p in out.iterdir()} == {e["file"] for e in content["graphs"].values()} | {"manifest.json", "golden.json", "README.md"}


def test_graphs_are_plain_and_dynamic(folder):
    kind, run, out = folder
    graphs = graphs_of(out)
    for name, entry in manifest_of(out)["graphs"].items():
        proto = onnx.load(out / entry["file"])
        assert not proto.functions and {o.domain for o in proto.opset_import} == {""}
        for value in (*proto.graph.input, *proto.graph.output):
            first, *rest = value.type.tensor_type.shape.dim
            if name == "gradient" and value.name in ("latent", "goal"):
                assert first.dim_value == 1
            else:
                assert first.dim_param == ("B" if name == "encoder" else "N")
            assert all(d.dim_value for d in rest)
    for count in (1, 3, 64):
        z = torch.randn(count, 8)
        assert graphs.run("step", latent=z, action=torch.randn(count, 4)).shape == (count, 8)
        frames = torch.zeros(count, run.config.history.frames, 16, 16, 3, dtype=torch.uint8)
        assert graphs.encode(frames).shape == (count, 8)
        if kind != "none":
            assert graphs.distance(z, torch.randn(count, 8)).shape == (count,)
            assert graphs.run("probe", latent=z).shape == (count, 2)


def test_golden_vectors_come_out_of_the_graphs(folder):
    kind, run, out = folder
    golden, graphs = json.loads((out / "golden.json").read_text()), graphs_of(out)
    frames = torch.frombuffer(bytearray(base64.b64decode(golden["frames"]["base64"])), dtype=torch.uint8).view(golden["frames"]["shape"])
    z, goals = graphs.encode(frames), graphs.encode(frames[:, -1:].repeat(1, frames.shape[1], 1, 1, 1))
    assert np.allclose(z, golden["latents"], atol=1e-4) and np.allclose(goals, golden["goals"], atol=1e-4)
    assert np.allclose(graphs.rollout(z, torch.tensor(golden["actions"])), golden["rollout"], atol=1e-4)
    if kind == "none":
        assert golden["distances"] is None
    else:
        got = [[graphs.distance(a[None], b[None]).item() for b in goals] for a in z]
        assert np.allclose(got, golden["distances"], atol=1e-4)


def test_heads_and_what_they_are_watched_by(folder):
    kind, run, out = folder
    content, golden, graphs = manifest_of(out), json.loads((out / "golden.json").read_text()), graphs_of(out)
    if kind != "full":  # one held-out episode cannot be halved
        assert "calibration" not in content and not {"prior", "disagreement", "gradient"} & set(golden)
        return
    assert content["metric"] == {"kind": "product", "directed": True, "dim": 9}
    assert {name: set(values) for name, values in content["calibration"].items()} == {
        "surprise": {"threshold", "falseAlarmRate", "teleportDetection"}, "disagreement": {"threshold", "falseAlarmRate"},
        "reached": {"threshold", "dwell", "falseStopRate", "hitRate"}}
    assert {"priorNll", "disagreementSpearman", "surpriseTeleport", "metricPredictedPositive"} <= set(content["diagnostics"])
    assert "reached.dwell" in (out / "README.md").read_text()
    z, goals, actions = (torch.tensor(golden[name]) for name in ("latents", "goals", "actions"))
    prior = graphs.run_all("prior", latent=z, goal=goals)
    assert all(np.allclose(got, golden["prior"][name], atol=1e-4) for got, name in zip(prior, ("mean", "std")))
    before = torch.cat([z[:, None], torch.tensor(golden["rollout"])[:, :-1]], 1)
    doubt = graphs.disagreement(before.flatten(0, 1), actions.flatten(0, 1)).view(4, 10)
    assert np.allclose(doubt, golden["disagreement"], atol=1e-4) and (doubt > 0).all()
    objective = graphs.run_all("gradient", latent=z[:1], goal=goals[1:2], actions=actions[:, :3])
    assert all(np.allclose(got, golden["gradient"][name], atol=1e-6) for got, name in zip(objective, ("cost", "gradient")))
    assert np.abs(golden["gradient"]["gradient"]).max() > 1e-4  # a hardly trained model says little
    alone = graphs.run_all("gradient", latent=z[:1], goal=goals[1:2], actions=actions[:1, :3])
    assert np.allclose(alone[1], objective[1][:1], atol=1e-6)  # the same as among four


def test_a_perturbed_graph_is_refused(start, tmp_path):
    run = start('planning.objective={kind="latent",over="sum"}')
    world, _ = jepa.train(run)
    held, trained = HeldOut(run, *jepa.encode_all(run, world)), Trained(world, None, None)
    paths = export(trained, held.windows(np.array([0])), run, tmp_path)
    assert parity.check(trained, Graphs(paths), held)["parityDifference"] < 1e-4
    proto = onnx.load(paths["step"])
    weight = next(w for w in proto.graph.initializer if w.name == "output.weight")
    weight.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weight) + np.float32(0.01), weight.name))
    onnx.save(proto, paths["step"])
    with pytest.raises(TrainError, match="differ by .* in a 10-step rollout"):
        parity.check(trained, Graphs(paths), held)


def test_a_changed_order_is_refused():
    costs = torch.arange(256.0)
    assert parity.same_ranking(costs, costs + 1e-5) == 1
    with pytest.raises(TrainError, match="rank plans differently"):
        parity.same_ranking(costs, costs[torch.randperm(256)])
    swapped = costs.clone()
    swapped[[25, 26]] = swapped[[26, 25]]
    with pytest.raises(TrainError, match="elites moved"):
        parity.same_ranking(costs, swapped)
