"""The exported graphs run by ONNX Runtime, in the shape that the runtime will use them: tensors in, tensors out."""

from pathlib import Path

import onnxruntime
import torch
from torch import Tensor
from torch.nn import functional as F

from .metric import length


class Graphs:
    """Sessions over `paths` {name: file}; `product` says what is done with a metric's two embeddings."""

    def __init__(self, paths: dict[str, Path], product: bool = False):
        self.product = product
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        self.sessions = {name: onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
                         for name, path in paths.items()}

    def run_all(self, name: str, **inputs: Tensor) -> list[Tensor]:
        """All outputs of a graph."""
        feed = {key: value.contiguous().numpy() for key, value in inputs.items()}
        return [torch.from_numpy(output) for output in self.sessions[name].run(None, feed)]

    def run(self, name: str, **inputs: Tensor) -> Tensor:
        """The first output of a graph."""
        return self.run_all(name, **inputs)[0]

    def encode(self, frames: Tensor) -> Tensor:
        """uint8 [B,k,H,W,3] -> [B,D]."""
        return self.run("encoder", frames=frames)

    def rollout(self, latent: Tensor, actions: Tensor) -> Tensor:
        """latent [N,D], actions [N,H,A] -> [N,H,D]."""
        steps = []
        for t in range(actions.shape[1]):
            latent = self.run("step", latent=latent, action=actions[:, t])
            steps.append(latent)
        return torch.stack(steps, 1)

    def disagreement(self, latent: Tensor, action: Tensor) -> Tensor:
        """latent [N,D], action [N,A] -> [N]."""
        return self.run("ensemble", latent=latent, action=action)

    def distance(self, z: Tensor, g: Tensor) -> Tensor:
        """z [N,D], g [N,D] or one for all [1,D] -> [N], by whichever metric graphs there are."""
        if len(self.sessions["metric"].get_inputs()) == 2:
            return self.run("metric", latent=z, goal=g.expand_as(z))
        goal = "metricGoal" if "metricGoal" in self.sessions else "metric"
        first, second = self.run("metric", latent=z), self.run(goal, latent=g)
        return F.softplus((first * second).sum(-1)) if self.product else length(first - second)
