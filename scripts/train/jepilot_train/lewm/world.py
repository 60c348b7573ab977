"""A LeWM model behind the interface of the models that are trained here, so that heads, parity and cards are the same."""

import torch
from torch import Tensor, nn

from ..graphs import Graphs
from .encoder import Encoder, Step


def slide(step, latent: Tensor, actions: Tensor, context: int) -> Tensor:
    """latent [N,D], actions [N,H,A] -> [N,H,D]: `step` on the last `context` latents and actions, as many as there are."""
    latents, following = [latent], []
    for t in range(actions.shape[1]):
        first = max(0, t + 1 - context)
        latents.append(step(torch.stack(latents[first:], 1), actions[:, first : t + 1]))
        following.append(latents[-1])
    return torch.stack(following, 1)


class Predictor(nn.Module):
    """([N,D], [N,A]) -> [N,D] from one latent alone; a rollout sees up to `context`."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.step, self.context = Step(model), model.predictor.num_frames

    def forward(self, latent: Tensor, action: Tensor) -> Tensor:
        return self.step(latent[:, None], action[:, None])

    def rollout(self, latent: Tensor, actions: Tensor) -> Tensor:
        return slide(self.step, latent, actions, self.context)


class World(nn.Module):
    """Encoder and predictor of a LeWM model, frozen."""

    def __init__(self, model: nn.Module, height: int, width: int):
        super().__init__()
        self.model = model.eval().requires_grad_(False)
        self.encoder, self.predictor = Encoder(model, height, width), Predictor(model)
        self.eval().requires_grad_(False)


class WindowGraphs(Graphs):
    """The exported graphs, with rollouts over a sliding window."""

    def __init__(self, paths, context: int, product: bool = False):
        super().__init__({name: path for name, path in paths.items() if name not in ("action", "window")}, product)
        self.context = context

    def rollout(self, latent: Tensor, actions: Tensor) -> Tensor:
        return slide(lambda z, a: self.run("step", latent=z, action=a), latent, actions, self.context)
