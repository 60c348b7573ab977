"""The encoder as a runtime sees it: pictures in, latents out; and the model's own step."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .fold import projector

# The statistics that stable_worldmodel normalises pictures with (those of ImageNet).
PIXEL_MEAN, PIXEL_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Encoder(nn.Module):
    """frames uint8 [B,1,H,W,3] -> [B,D]: pictures at the model's size and normalised, the ViT's class token, the projector."""

    def __init__(self, model: nn.Module, height: int, width: int):
        super().__init__()
        size = model.encoder.config.image_size
        self.size = None if (height, width) == (size, size) else (size, size)
        self.vit, self.projector = model.encoder, projector(model.projector)
        scale = 1 / (255 * torch.tensor(PIXEL_STD, dtype=torch.float64))
        self.register_buffer("scale", scale.float()[:, None, None])
        self.register_buffer("shift", (255 * scale * torch.tensor(PIXEL_MEAN, dtype=torch.float64)).float()[:, None, None])

    def forward(self, frames: Tensor) -> Tensor:
        pixels = frames[:, 0].permute(0, 3, 1, 2).float()
        if self.size:
            pixels = F.interpolate(pixels, self.size, mode="bilinear", align_corners=False)
        return self.projector(self.vit(pixels * self.scale - self.shift).last_hidden_state[:, 0])


class Step(nn.Module):
    """latent [N,T,D], normalised action [N,T,A] -> the latent after the last, [N,D]: the model's own forward pass."""

    def __init__(self, model: nn.Module):
        super().__init__()
        self.model = model

    def forward(self, latent: Tensor, action: Tensor) -> Tensor:
        return self.model.predict(latent, self.model.action_encoder(action))[:, -1]
