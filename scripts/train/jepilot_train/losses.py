"""The training loss of the world model, term by term."""

import torch
from torch import Tensor
from torch.nn import functional as F

from .predictor import Predictor
from .sigreg import sigreg


def prediction(predictor: Predictor, z: Tensor, actions: Tensor, steps: int) -> Tensor:
    """Mean squared error of a K-step free rollout from each possible start, no stop-gradient: z [B,T,D], actions [B,T-1,A]."""
    count = z.shape[1] - steps
    p, loss = z[:, :count].flatten(0, 1), z.new_zeros(())
    for j in range(steps):
        p = predictor(p, actions[:, j : j + count].flatten(0, 1))
        loss = loss + F.mse_loss(p, z[:, j + 1 : j + 1 + count].flatten(0, 1)) / steps
    return loss


def straightness(z: Tensor) -> Tensor:
    """1 - cos of successive displacements (temporal straightening), z [B,T,D]."""
    v = z[:, 1:] - z[:, :-1]
    return 1 - F.cosine_similarity(v[:, 1:], v[:, :-1], dim=-1, eps=1e-6).mean()


def world_model_loss(model, frames: Tensor, actions: Tensor, weights) -> tuple[Tensor, dict[str, Tensor]]:
    """frames uint8 [B,T,k,H,W,3], actions [B,T-1,A] -> loss and its terms, unweighted.

    The action is decoded from the displacement, not from two states, so that the displacement has to carry it.
    """
    z = model.encoder(frames.flatten(0, 1)).unflatten(0, frames.shape[:2])  # [B,T,D]
    dz = z[:, 1:] - z[:, :-1]
    terms = {"pred": prediction(model.predictor, z, actions, weights.rollout)}
    total = terms["pred"]
    optional = {
        "sigreg": (weights.sigreg, lambda: sigreg(z.transpose(0, 1), weights.sigreg_projections)),
        "action": (weights.action, lambda: F.mse_loss(model.action_decoder(dz), actions)),
        "straight": (weights.straighten, lambda: straightness(z)),
        "smooth": (weights.smooth, lambda: dz.square().mean()),
    }
    for name, (weight, term) in optional.items():
        if weight and not (name == "straight" and z.shape[1] < 3):
            terms[name] = term()
            total = total + weight * terms[name]
    return total, {name: term.detach() for name, term in terms.items()}
