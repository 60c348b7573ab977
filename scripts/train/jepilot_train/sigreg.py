"""SIGReg: keeps latents an isotropic Gaussian, which rules out collapse (LeJEPA, arXiv 2511.08544)."""

import torch
from torch import Tensor

KNOTS = 17
LIMIT = 3.0


def sigreg(z: Tensor, projections: int = 256) -> Tensor:
    """Epps-Pulley misfit of random one-dimensional projections, z [T,B,D] -> scalar, each time index by itself.

    S = mean B sum_k c_k phi_k ((mean_b cos t_k h_b - phi_k)^2 + (mean_b sin t_k h_b)^2), trapezoid weights c_k on
    the half line. 1.052 for perfectly Gaussian z at any B; 0.402 B for a collapsed one. Always float32.
    """
    batch, dim = z.shape[-2:]
    directions = torch.randn(dim, projections, device=z.device)
    h = z.float() @ (directions / directions.norm(dim=0))  # [T,B,M]
    step = LIMIT / (KNOTS - 1)
    # The knot at t = 0 always fits exactly (cos 0 = 1, sin 0 = 0), so it is left out.
    t = torch.arange(1, KNOTS, device=z.device) * step
    target = torch.exp(-t.square() / 2)
    weight = torch.full_like(t, 2 * step)
    weight[-1] = step
    angle = h[..., None] * t  # [T,B,M,K]
    misfit = (angle.cos().mean(-3) - target).square() + angle.sin().mean(-3).square()
    return batch * (misfit * (weight * target)).sum(-1).mean()
