"""Models to ONNX graphs: float32, one file each, no local functions, first dimension symbolic."""

import contextlib
import copy
import inspect
import io
import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from .errors import TrainError
from .folded import FoldedEncoder, fold_product
from .gradient import trace
from .metric import EmbeddingMetric, ProductMetric
from .model import WorldModel
from .plan_cost import PlanCost

OPSET = 18
EXAMPLES = 3  # neither 0 nor 1, sizes that tracing would take for constants


@dataclass(frozen=True)
class Trained:
    """All that a model folder is made of, frozen, on the CPU."""

    world: WorldModel
    metric: nn.Module | None
    probe: nn.Module | None
    prior: nn.Module | None = None
    ensemble: nn.Module | None = None

    def on_cpu(self) -> "Trained":
        return Trained(*(m and copy.deepcopy(m).cpu().eval() for m in vars(self).values()))


@dataclass(frozen=True)
class Job:
    """One graph to be: a module, examples of its inputs, its outputs, the name of the first dimension of all but `fixed` inputs."""

    module: nn.Module
    inputs: dict[str, Tensor]
    outputs: tuple[str, ...]
    dimension: str = "N"
    fixed: tuple[str, ...] = ()
    second: str = ""  # name of the second dimension of all inputs, where that is symbolic too


def write(job: Job, path: Path) -> None:
    """Export one module."""
    symbols = {axis: torch.export.Dim(name) for axis, name in enumerate((job.dimension, job.second)) if name}
    dynamic = tuple({} if name in job.fixed else symbols for name in job.inputs)
    parameters = inspect.signature(job.module.forward).parameters.values()
    if any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters):
        dynamic = (dynamic,)  # all inputs are one parameter
    chatter = io.StringIO()  # the exporter reports its progress on stdout
    with contextlib.redirect_stdout(chatter), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            job.module.eval(), tuple(job.inputs.values()), input_names=list(job.inputs), output_names=list(job.outputs),
            dynamic_shapes=dynamic, opset_version=OPSET, external_data=False, verbose=False)
    path.write_bytes(tidy(program.model_proto, job).SerializeToString())


def tidy(proto: onnx.ModelProto, job: Job) -> onnx.ModelProto:
    """Drop the exporter's notes (source paths among them), name the outputs' first dimension, check the graph."""
    if proto.functions:
        raise TrainError(f"export: graph of '{job.outputs[0]}' has local functions, the runtime takes none")
    for value in (*proto.graph.input, *proto.graph.output):
        if value.name not in job.fixed:
            value.type.tensor_type.shape.dim[0].dim_param = job.dimension
            if job.second and value in proto.graph.input:
                value.type.tensor_type.shape.dim[1].dim_param = job.second
    del proto.metadata_props[:], proto.graph.metadata_props[:]
    for item in (*proto.graph.node, *proto.graph.value_info, *proto.graph.initializer, *proto.graph.input, *proto.graph.output):
        del item.metadata_props[:]
        item.doc_string = ""
    proto.producer_name, proto.producer_version = "jepilot-train", ""
    onnx.checker.check_model(proto, full_check=True)
    return proto


def _metric_jobs(metric: nn.Module | None, latent: Tensor) -> dict[str, Job]:
    """One graph for a pair of latents, or one that embeds latents and, unless it is the same, one that embeds goals."""
    if metric is None:
        return {}
    if isinstance(metric, (EmbeddingMetric, ProductMetric)):
        nets = fold_product(metric) if isinstance(metric, ProductMetric) else (metric.latent, metric.goal)
        jobs = {name: net and Job(net, {"latent": latent}, ("embedding",)) for name, net in zip(("metric", "metricGoal"), nets)}
        return {name: job for name, job in jobs.items() if job}
    return {"metric": Job(metric, {"latent": latent, "goal": latent.clone()}, ("distance",))}


def head_jobs(trained: Trained, latent: Tensor, block: Tensor) -> dict[str, Job]:
    """The heads that there are, from examples of latents and action blocks."""
    jobs = _metric_jobs(trained.metric, latent)
    if trained.probe is not None:
        jobs["probe"] = Job(trained.probe, {"latent": latent}, ("state",))
    if trained.prior is not None:
        jobs["prior"] = Job(trained.prior, {"latent": latent, "goal": latent.clone()}, ("mean", "std"))
    if trained.ensemble is not None:
        jobs["ensemble"] = Job(trained.ensemble, {"latent": latent, "action": block}, ("disagreement",))
    return jobs


def export(trained: Trained, frames: Tensor, run, folder: Path) -> dict[str, Path]:
    """Write the graphs of `trained` (CPU) into `folder`; `frames` uint8 [B,k,H,W,3] gives the picture's shape."""
    latent, block = torch.randn(EXAMPLES, trained.world.encoder.latent.out_features), torch.randn(EXAMPLES, run.action_dim)
    encoder = FoldedEncoder(trained.world.encoder, *frames.shape[2:4])
    jobs = {
        "encoder": Job(encoder, {"frames": frames[:1].repeat(EXAMPLES, 1, 1, 1, 1)}, ("latent",), "B"),
        "step": Job(trained.world.predictor, {"latent": latent, "action": block}, ("next",)),
        **head_jobs(trained, latent, block),
    }
    if run.config.gradient.enabled:
        module, inputs = trace(PlanCost.of(trained, run), latent.shape[1], run.action_dim, run.config.planning.horizon)
        jobs["gradient"] = Job(module, inputs, ("cost", "gradient"), fixed=("latent", "goal"))
    paths = {name: folder / ("metric-goal.onnx" if name == "metricGoal" else f"{name}.onnx") for name in jobs}
    for name, job in jobs.items():
        write(job, paths[name])
    return paths
