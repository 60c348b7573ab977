"""LeWM models from files that stable_worldmodel wrote, or with random weights of the published size."""

import json
from pathlib import Path

import torch
from torch import nn

from ..errors import TrainError

REMEDY = "install what it was trained with: stable-worldmodel, transformers, hydra-core, stable-pretraining"


def load(path: Path) -> nn.Module:
    """A whole model (`*_object.ckpt`), or weights (`*.pt`) beside the `config.json` that builds it; a folder holds one of them.

    Both formats name code that is imported and run: load none that you don't trust.
    """
    file = _only(path) if path.is_dir() else path
    if not file.exists():
        raise TrainError(f"--checkpoint {path}: no such file")
    try:
        model = torch.load(file, map_location="cpu", weights_only=False) if file.suffix == ".ckpt" else _built(file)
    except (ImportError, AttributeError) as missing:
        raise TrainError(f"--checkpoint {path}: {missing}; {REMEDY}") from missing
    return checked(path, getattr(model, "model", model))


def _only(folder: Path) -> Path:
    found = [*folder.glob("*_object.ckpt"), *folder.glob("*.pt")]
    if len(found) != 1:
        raise TrainError(f"--checkpoint {folder}: expected one *_object.ckpt or *.pt in it, got {len(found)}; name the file")
    return found[0]


def _built(weights: Path) -> nn.Module:
    from hydra.utils import instantiate

    config = weights.parent / "config.json"
    if not config.exists():
        raise TrainError(f"--checkpoint {weights}: weights need the config.json that stable_worldmodel saves beside them")
    model = instantiate(json.loads(config.read_text()))
    model.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return model


def checked(path: Path, model: nn.Module) -> nn.Module:
    """Refuses what is no LeWM: the parts that the export takes apart must be there."""
    parts = ("encoder.config", "predictor.transformer.layers", "predictor.pos_embedding", "predictor.num_frames", "action_encoder.input_dim", "projector", "pred_proj")
    for name in parts:
        part = model
        for step in name.split("."):
            part = getattr(part, step, None)
        if part is None:
            raise TrainError(f"--checkpoint {path}: a {type(model).__name__} without '{name}' is no LeWM; see 'another architecture' in the README")
    return model.eval()


def untrained(action: int, seed: int) -> nn.Module:
    """The published architecture, ViT-Tiny at 224 and six blocks of 16 heads, with random weights: for tests and benchmarks."""
    from stable_worldmodel.wm.lewm import LeWM
    from stable_worldmodel.wm.lewm.module import MLP, Embedder, Predictor
    from transformers import ViTConfig, ViTModel

    torch.manual_seed(seed)
    vit = ViTConfig(hidden_size=192, num_hidden_layers=12, num_attention_heads=3, intermediate_size=768, image_size=224, patch_size=14)
    predictor = Predictor(num_frames=3, depth=6, heads=16, dim_head=64, mlp_dim=2048, input_dim=192, hidden_dim=192, dropout=0.1)
    projectors = [MLP(192, 2048, 192, norm_fn=nn.BatchNorm1d) for _ in range(2)]
    model = LeWM(ViTModel(vit, add_pooling_layer=False), predictor, Embedder(action, 10, 192), *projectors)
    _unsettle(model)
    return model.eval()


@torch.no_grad()
def _unsettle(model: nn.Module) -> None:
    """What training moves away from 0 and 1 is moved at random: a part that starts as the identity would test nothing."""
    for block in model.predictor.transformer.layers:
        block.adaLN_modulation[-1].weight.normal_(std=0.5)  # so that actions matter, as they do once trained
        block.adaLN_modulation[-1].bias.normal_(std=0.3)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.running_mean.normal_(std=0.2)
            module.running_var.uniform_(0.5, 1.5)
        if isinstance(module, (nn.BatchNorm1d, nn.LayerNorm)) and module.weight is not None:
            module.weight.uniform_(0.7, 1.3)
            module.bias.normal_(std=0.1)
