"""Models to ONNX graphs: float32, one file each, no local functions, first dimension symbolic."""

import contextlib
import copy
import io
import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from .errors import TrainError
from .folded import FoldedEncoder
from .metric import EmbeddingMetric
from .model import WorldModel

OPSET = 18
EXAMPLES = 3  # neither 0 nor 1, sizes that tracing would take for constants


@dataclass(frozen=True)
class Trained:
    """All that a model folder is made of, frozen, on the CPU."""

    world: WorldModel
    metric: nn.Module | None
    probe: nn.Module | None

    def on_cpu(self) -> "Trained":
        return Trained(*(m and copy.deepcopy(m).cpu().eval() for m in (self.world, self.metric, self.probe)))


def write(module: nn.Module, inputs: dict[str, Tensor], output: str, dimension: str, path: Path) -> None:
    """Export one module; every input's first dimension becomes `dimension`."""
    dynamic = tuple({0: torch.export.Dim(dimension)} for _ in inputs)
    chatter = io.StringIO()  # the exporter reports its progress on stdout
    with contextlib.redirect_stdout(chatter), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            module.eval(), tuple(inputs.values()), input_names=list(inputs), output_names=[output],
            dynamic_shapes=dynamic, opset_version=OPSET, external_data=False, verbose=False)
    proto = tidy(program.model_proto, output, dimension)
    path.write_bytes(proto.SerializeToString())


def tidy(proto: onnx.ModelProto, output: str, dimension: str) -> onnx.ModelProto:
    """Drop the exporter's notes (source paths among them), name the output's first dimension, check the graph."""
    if proto.functions:
        raise TrainError(f"export: graph '{output}' has local functions, the runtime takes none")
    for value in (*proto.graph.input, *proto.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = dimension
    del proto.metadata_props[:], proto.graph.metadata_props[:]
    for item in (*proto.graph.node, *proto.graph.value_info, *proto.graph.initializer, *proto.graph.input, *proto.graph.output):
        del item.metadata_props[:]
        item.doc_string = ""
    proto.producer_name, proto.producer_version = "jepilot-train", ""
    onnx.checker.check_model(proto, full_check=True)
    return proto


def export(trained: Trained, frames: Tensor, action: int, folder: Path) -> dict[str, Path]:
    """Write the graphs of `trained` (CPU) into `folder`; `frames` uint8 [B,k,H,W,3] gives the picture's shape."""
    latent = torch.randn(EXAMPLES, trained.world.encoder.latent.out_features)
    encoder = FoldedEncoder(trained.world.encoder, *frames.shape[2:4])
    jobs = {
        "encoder": (encoder, {"frames": frames[:1].repeat(EXAMPLES, 1, 1, 1, 1)}, "latent", "B"),
        "step": (trained.world.predictor, {"latent": latent, "action": torch.randn(EXAMPLES, action)}, "next", "N"),
    }
    if isinstance(trained.metric, EmbeddingMetric):
        jobs["metric"] = (trained.metric.latent, {"latent": latent}, "embedding", "N")
        if trained.metric.goal is not None:
            jobs["metricGoal"] = (trained.metric.goal, {"latent": latent}, "embedding", "N")
    elif trained.metric is not None:
        jobs["metric"] = (trained.metric, {"latent": latent, "goal": latent.clone()}, "distance", "N")
    if trained.probe is not None:
        jobs["probe"] = (trained.probe, {"latent": latent}, "state", "N")
    paths = {name: folder / ("metric-goal.onnx" if name == "metricGoal" else f"{name}.onnx") for name in jobs}
    for name, job in jobs.items():
        write(*job, paths[name])
    return paths
